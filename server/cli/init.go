package cli

import (
	"embed"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"notifer/server/config"
)

//go:embed files
var files embed.FS

// printedFiles are the files `notifer init` prints.
var printedFiles = []struct{ name, file, short string }{
	{"systemd", "notifer.service", "a systemd service, hardened"},
	{"socket", "notifer.socket", "a systemd socket for that service"},
	{"compose", "compose.yaml", "a Docker Compose file"},
	{"caddy", "Caddyfile", "the configuration of Caddy as a proxy, with certificates"},
	{"nginx", "nginx.conf", "the configuration of nginx as a proxy"},
	{"traefik", "traefik.yaml", "the configuration of Traefik as a proxy"},
	{"grafana", "grafana.json", "a Grafana dashboard of the metrics"},
}

// placement is what the printed files need to know.
type placement struct {
	base, backend, listen, binary string
}

func initCommand(app *App) *cobra.Command {
	p := &placement{}
	cmd := group("init", "Generate config files for systemd, Docker, proxies and Grafana", "setup")
	cmd.Long = `Print a ready file to standard output; its first lines say where it belongs.
Only Grafana's has no such lines: import it there, under Dashboards.

  notifer init systemd | sudo tee /etc/systemd/system/notifer.service
  notifer init caddy --url https://home.example | sudo tee /etc/caddy/Caddyfile
  notifer init nginx --url https://home.example/notify`
	f := cmd.PersistentFlags()
	f.StringVar(&p.base, "url", "", "public URL, including any sub-path (default base_url)")
	f.StringVar(&p.backend, "backend", "127.0.0.1:8080", "where Notifer listens, seen from the proxy")
	f.StringVar(&p.listen, "listen", "", "address of the proxy or the socket (default 80, for the socket 8080)")
	f.StringVar(&p.binary, "binary", "", "path of the program in the unit (default this one)")
	for _, file := range printedFiles {
		cmd.AddCommand(printCommand(app, p, file.name, file.file, file.short))
	}
	return cmd
}

func printCommand(app *App, p *placement, name, file, short string) *cobra.Command {
	return &cobra.Command{
		SuggestFor: map[string][]string{"compose": {"docker", "docker-compose", "podman"}}[name],
		Use:        name, Short: "Print " + short, Args: words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.base == "" {
				c, err := app.Load(cmd)
				if err != nil {
					return err
				}
				p.base = c.BaseURL
			}
			if err := config.CheckBaseURL(p.base); err != nil {
				return usagef("notifer init "+name+" --url https://home.example", "--url: %v", err)
			}
			text, err := files.ReadFile("files/" + file)
			if err != nil {
				return err
			}
			if name != "grafana" {
				text = []byte(p.fill(string(text), name))
			}
			_, err = app.Stdout.Write(text)
			return err
		},
	}
}

// fill replaces the names in double braces.
func (p *placement) fill(text, name string) string {
	base := strings.TrimRight(p.base, "/")
	if base == "" {
		// Without an address the server takes each request's own; a made-up one would refuse the sign-in.
		text = strings.Replace(text, "      NOTIFER_BASE_URL: \"{{url}}\"\n", "", 1)
		base = "https://notifer.example"
	}
	u, _ := url.Parse(base)
	listen := p.listen
	if listen == "" {
		listen = map[string]string{"nginx": "80", "socket": "8080"}[name]
	}
	site := u.Host
	if u.Scheme == "http" || p.listen != "" {
		site = "http://" + net.JoinHostPort(u.Hostname(), portOf(p.listen, u))
	}
	prefix := u.Path
	if prefix == "" {
		prefix = "/"
	}
	return strings.NewReplacer(
		"{{url}}", base, "{{host}}", u.Hostname(), "{{path}}", u.Path, "{{prefix}}", prefix, "{{site}}", site,
		"{{backend}}", p.backend, "{{listen}}", listen, "{{listen6}}", listen6(listen), "{{port}}", portOf(p.listen, nil), "{{binary}}", p.program(),
	).Replace(text)
}

// listen6 is nginx's line for IPv6 beside a port that has no address.
func listen6(listen string) string {
	if _, err := strconv.Atoi(listen); err != nil {
		return ""
	}
	return "    listen [::]:" + listen + ";\n"
}

// portOf is the port of a listening address, else of the public address, else what Notifer listens on.
func portOf(listen string, u *url.URL) string {
	if _, port, err := net.SplitHostPort(listen); err == nil {
		return port
	}
	switch {
	case listen != "":
		return listen
	case u == nil:
		return "8080"
	case u.Port() != "":
		return u.Port()
	}
	return "80"
}

// program is the path of the running program, or where the package puts it.
func (p *placement) program() string {
	if p.binary != "" {
		return p.binary
	}
	path, err := os.Executable()
	if err != nil || strings.HasSuffix(path, ".test") {
		return "/usr/bin/notifer"
	}
	return path
}
