package admin

import (
	"context"
	"errors"
	"net"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/daemon"
)

func setupLinkCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "setup-link", Short: "Print a new one-time link for creating the first admin", GroupID: "admin", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				code, err := auth.NewSetupCode(ctx, s.DB)
				if errors.Is(err, db.ErrSetUp) {
					return config.Usagef("notifer user add EMAIL --username NAME --password-file FILE --admin", "the server has an admin already")
				}
				if err != nil {
					return err
				}
				links := daemon.SetupLinks(s.Config, pageAddress(s.Config), code)
				if app.JSON {
					return app.PrintJSON(map[string]any{"link": links[0], "links": links})
				}
				for _, link := range links {
					app.Printf("%s\n", link)
				}
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir", "listen", "base_url")
	return cmd
}

// pageAddress is the configured address at which pages are opened, empty where it is a unix socket.
func pageAddress(c *config.Config) string {
	for _, l := range c.Listen {
		if _, port, err := net.SplitHostPort(l); err == nil && !c.OnlyRedirects(port) {
			return l
		}
	}
	return ""
}
