package cli

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/setupfiles"
)

func initCommand(app *local.App) *cobra.Command {
	p := &setupfiles.Placement{Version: Version()}
	var dir string
	cmd := command.Group("init", "Generate config files for systemd, Docker, home servers, proxies, replication and Grafana", "setup")
	cmd.Long = `Print a ready-made file to standard output. Its first lines say how to install
it; the Grafana dashboard has none and is imported under Dashboards. A Home
Assistant add-on and a Helm chart consist of several files, which are written to
the directory --dir.

  notifer init systemd | sudo tee /etc/systemd/system/notifer.service
  notifer init caddy --url https://home.example | sudo tee /etc/caddy/Caddyfile
  notifer init nginx --url https://home.example/notify`
	f := cmd.PersistentFlags()
	f.StringVar(&p.Base, "url", "", "public URL, including any sub-path (default base_url)")
	f.StringVar(&p.Backend, "backend", "127.0.0.1:8080", "where Notifer listens, seen from the proxy: host:port, for nginx and Caddy also unix:/path")
	f.StringVar(&p.Listen, "listen", "", "address of the proxy or the socket (default 80, for the socket 8080)")
	f.StringVar(&p.Binary, "binary", "", "path of the program in the unit (default the running program)")
	f.StringVar(&p.Replica, "replica", "/mnt/backup/notifer", "where Litestream keeps the replica: /directory, sftp://user@host/directory or s3://bucket/directory")
	f.StringVar(&p.Data, "data", "/var/lib/notifer", "data directory that Litestream replicates")
	f.StringVar(&p.Image, "image", "notifer", "name of the container image")
	f.StringVar(&dir, "dir", "", "directory to create, for files that belong together")
	for _, file := range setupfiles.All {
		cmd.AddCommand(printCommand(app, p, file, &dir))
	}
	return cmd
}

func printCommand(app *local.App, p *setupfiles.Placement, file setupfiles.File, dir *string) *cobra.Command {
	verb := "Print "
	if file.Several() {
		verb = "Write "
	}
	return &cobra.Command{
		SuggestFor: map[string][]string{"compose": {"docker", "docker-compose", "podman"}, "helm": {"kubernetes", "k8s", "chart"}, "home-assistant": {"hassio", "addon"}}[file.Name],
		Use:        file.Name, Short: verb + file.Short, Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.Base == "" {
				c, err := config.Load(app.ConfigFile, app.Env, nil) // without the flags: --listen is not the setting here
				if err != nil {
					return err
				}
				p.Base = c.BaseURL
			}
			if err := config.CheckBaseURL(p.Base); err != nil {
				return config.Usagef("notifer init "+file.Name+" --url https://home.example", "--url: %v", err)
			}
			if fault := p.Check(file); fault != nil {
				return config.Usagef("notifer init "+file.Name+" "+fault.Flag+" "+fault.Example, "%s: %v", fault.Flag, fault.Err)
			}
			if file.Several() {
				return writeFiles(app, p, file, *dir)
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

// writeFiles writes several files into a new directory.
func writeFiles(app *local.App, p *setupfiles.Placement, file setupfiles.File, dir string) error {
	if dir == "" {
		return config.Usagef("notifer init "+file.Name+" --dir notifer", "this consists of several files: name a directory for them")
	}
	if _, err := os.Stat(dir); err == nil {
		return config.Usagef("notifer init "+file.Name+" --dir "+config.ShellWord(dir+"-new"), "--dir: %s exists already", dir)
	}
	all, err := p.Files(file)
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755))
		if err == nil {
			err = os.WriteFile(path, text, 0o644)
		}
	}
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		app.Printf("%s\n", filepath.Join(dir, filepath.FromSlash(name)))
	}
	return nil
}
