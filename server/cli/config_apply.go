package cli

import (
	"context"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/daemon"
)

func configApplyCommand(app *local.App) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "apply", Short: "Create or update the declared users, topics and tokens", Args: command.Words(),
		Long: `Create or update the users, topics and tokens that the configuration file
declares, as serve does at startup. Nothing is deleted; a token that is declared
with another secret is revoked and created again. The server may be running.

  notifer config apply --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithNewStore(cmd, func(ctx context.Context, s *local.Store) error {
				changes := []string{}
				if err := s.Provision(ctx, dry, func(ch daemon.Change) { changes = append(changes, ch.Text) }); err != nil {
					return err
				}
				return printChanges(app, changes)
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only print what would change")
	app.Flags(cmd)
	return cmd
}

func printChanges(app *local.App, changes []string) error {
	if app.JSON {
		return app.PrintJSON(changes)
	}
	for _, text := range changes {
		app.Printf("%s\n", text)
	}
	if len(changes) == 0 {
		app.Printf("nothing to change\n")
	}
	return nil
}
