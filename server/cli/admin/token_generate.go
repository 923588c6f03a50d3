package admin

import (
	"github.com/spf13/cobra"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/daemon"
)

func tokenGenerateCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "generate", Short: "Print a new token's text for a declaration, without storing it", Args: command.Words(),
		Long: `Print a new token's text, for the token_file of a declared token. --json prints
its hash too, which can stand in the configuration instead of the file.

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
