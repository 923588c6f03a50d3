package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/cli/owner"
	"notifer/server/config"
	"notifer/server/daemon"
)

func serveCommand(app *local.App) *cobra.Command {
	var demo bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", GroupID: "run", Args: command.Words(),
		Long: `Run the server.

Without a configuration file it listens on :8080 and keeps its data in ./data.
The first start prints a one-time link for creating the first admin; it works for
15 minutes, and "notifer setup-link" prints a new one.

  notifer serve
  notifer serve --listen 127.0.0.1:9000 --data-dir /var/lib/notifer

Every setting that "notifer config" lists has a flag, except secrets.

With --demo it serves sample topics and messages on localhost only, reads no
configuration file, and deletes everything on exit.

  notifer serve --demo --listen localhost:9000`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if demo {
				return serveDemo(app, cmd)
			}
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			if err := owner.Refuse(c.DataDir); err != nil {
				return err
			}
			o := options(app, c)
			o.Load = func() (*config.Config, error) { return app.Load(cmd) }
			return daemon.Run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&demo, "demo", false, "run a throwaway demo on localhost with sample data")
	app.Flags(cmd)
	return cmd
}

// startCode is the exit code of a server that has not started. By it the service manager decides whether to try again, so a wrong
// configuration has one that no crash ends with, and what may pass has another.
func startCode(err error) int {
	if _, ok := errors.AsType[*config.Passing](err); ok {
		return command.ExitFailed
	}
	if code := command.ExitCode(err); code != command.ExitUsage {
		return code
	}
	return command.ExitConfig
}

// options are those of a server with this configuration.
func options(app *local.App, c *config.Config) daemon.Options {
	return daemon.Options{Config: c, Env: app.Env, Version: Version(), Stdout: app.Stdout, Stderr: app.Stderr, Terminal: command.IsTerminal(app.Stderr)}
}
