package cli

import (
	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/config"
	"notifer/server/setupfiles"
)

func initCommand(app *App) *cobra.Command {
	p := &setupfiles.Placement{}
	cmd := group("init", "Generate config files for systemd, Docker, proxies and Grafana", "setup")
	cmd.Long = `Print a ready file to standard output; its first lines say where it belongs.
Only Grafana's has no such lines: import it there, under Dashboards.

  notifer init systemd | sudo tee /etc/systemd/system/notifer.service
  notifer init caddy --url https://home.example | sudo tee /etc/caddy/Caddyfile
  notifer init nginx --url https://home.example/notify`
	f := cmd.PersistentFlags()
	f.StringVar(&p.Base, "url", "", "public URL, including any sub-path (default base_url)")
	f.StringVar(&p.Backend, "backend", "127.0.0.1:8080", "where Notifer listens, seen from the proxy")
	f.StringVar(&p.Listen, "listen", "", "address of the proxy or the socket (default 80, for the socket 8080)")
	f.StringVar(&p.Binary, "binary", "", "path of the program in the unit (default this one)")
	for _, file := range setupfiles.All {
		cmd.AddCommand(printCommand(app, p, file))
	}
	return cmd
}

func printCommand(app *App, p *setupfiles.Placement, file setupfiles.File) *cobra.Command {
	return &cobra.Command{
		SuggestFor: map[string][]string{"compose": {"docker", "docker-compose", "podman"}}[file.Name],
		Use:        file.Name, Short: "Print " + file.Short, Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.Base == "" {
				c, err := app.Load(cmd)
				if err != nil {
					return err
				}
				p.Base = c.BaseURL
			}
			if err := config.CheckBaseURL(p.Base); err != nil {
				return config.Usagef("notifer init "+file.Name+" --url https://home.example", "--url: %v", err)
			}
			text, err := p.Print(file)
			if err != nil {
				return err
			}
			_, err = app.Stdout.Write(text)
			return err
		},
	}
}
