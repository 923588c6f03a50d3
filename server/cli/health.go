package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/cli/remote"
	"notifer/server/client"
	"notifer/server/config"
)

const healthTimeout = 5 * time.Second

func healthCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "health", Short: "Check whether the server is healthy", GroupID: "run", Args: command.Words(),
		Long: `Ask /healthz of the server that the configuration describes. The exit code is 0
if messages can be stored, 1 if not, and 4 if nothing answers. Meant for the
HEALTHCHECK line of images without curl.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
			defer cancel()
			server, err := localClient(c)
			if err != nil {
				return err
			}
			h, err := server.Health(ctx)
			if err != nil {
				return unhealthy(err)
			}
			if app.JSON {
				return app.PrintJSON(h)
			}
			app.Printf("%s\n", h.Status)
			return nil
		},
	}
	app.Flags(cmd, "listen", "base_url", "tls.cert", "tls.key", "acme.domains")
	return cmd
}

// unhealthy is a failed request with its exit code. What it says to type is not about the variables of publish and subscribe, which this
// command does not read.
func unhealthy(err error) error {
	err = remote.Error(err)
	if usage, ok := errors.AsType[*config.UsageError](err); ok && command.ExitCode(err) == command.ExitUnreachable {
		return &command.CodedError{Code: command.ExitUnreachable, Err: config.Usagef("notifer serve, or --listen with the address that it serves on", "%s", usage.Msg)}
	}
	return err
}

// localClient calls the server on this machine without a proxy.
func localClient(c *config.Config) (*client.Client, error) {
	base := localAddress(c)
	if u, err := url.Parse(c.BaseURL); err == nil && !strings.HasPrefix(base, "unix:") {
		base += strings.TrimSuffix(u.Path, "/")
	}
	server, err := client.New(base)
	if err != nil {
		return nil, err
	}
	transport := server.HTTP().Transport.(*http.Transport)
	transport.Proxy = nil
	if strings.HasPrefix(base, "https:") {
		// The certificate names the public host, and this connection never leaves the machine.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, ServerName: certificateHost(c)}
	}
	return server, nil
}

// certificateHost is a name that the server has a certificate for; an authority gives none for an address.
func certificateHost(c *config.Config) string {
	if len(c.ACME.Domains) > 0 {
		return c.ACME.Domains[0]
	}
	return ""
}

// localAddress is the first address that the server listens on, as a URL that works on this machine.
func localAddress(c *config.Config) string {
	scheme := "http://"
	if c.Secure() {
		scheme = "https://"
	}
	for _, l := range c.Listen {
		if strings.HasPrefix(l, "unix:") {
			return l
		}
		host, port, err := net.SplitHostPort(l)
		if err != nil || c.OnlyRedirects(port) {
			continue
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		return scheme + net.JoinHostPort(host, port)
	}
	return "http://127.0.0.1:8080"
}
