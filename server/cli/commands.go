package cli

import "github.com/spf13/cobra"

// commands is the command table.
func commands(app *App) []*cobra.Command {
	return []*cobra.Command{
		configCommand(app),
		completionCommand(app),
		versionCommand(app),
		publishCommand(app),
		subscribeCommand(app),
		exitCodesTopic(),
	}
}
