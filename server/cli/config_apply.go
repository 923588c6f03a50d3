package cli

import (
	"context"

	"github.com/spf13/cobra"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/cli/command"
	"notifer/server/daemon"
)

func configApplyCommand(app *App) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "apply", Short: "Create or update the declared users, topics and tokens", Args: command.Words(),
		Long: `Create or update the users, topics and tokens that the configuration file
declares, as serve does at startup. Nothing is deleted; a token that is declared
with another secret is revoked and created again. Works while the server runs.

  notifer config apply --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withNewStore(cmd, func(ctx context.Context, s *store) error {
				changes := []string{}
				if err := s.provision(ctx, dry, func(text string) { changes = append(changes, text) }); err != nil {
					return err
				}
				return app.printChanges(changes)
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only print what would change")
	app.Flags(cmd)
	return cmd
}

func (a *App) printChanges(changes []string) error {
	if a.JSON {
		return a.PrintJSON(changes)
	}
	for _, text := range changes {
		a.Printf("%s\n", text)
	}
	if len(changes) == 0 {
		a.Printf("nothing to change\n")
	}
	return nil
}

func tokenGenerateCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "generate", Short: "Print a new token's text for a declaration, without storing it", Args: command.Words(),
		Long: `Print a new token's text, for the token_file of a declared token. With --json also
its hash, which the configuration may hold instead of the file.

  notifer token generate > cron.token`,
		RunE: func(cmd *cobra.Command, args []string) error {
			secret := secrets.NewToken()
			if !app.JSON {
				app.Printf("%s\n", secret)
				return nil
			}
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			hash, err := auth.Digest(cmd.Context(), daemon.AuthOptions(c).Params, secret)
			if err != nil {
				return err
			}
			return app.PrintJSON(map[string]string{"token": secret, "hash": hash})
		},
	}
	return cmd
}
