package cli

import (
	"github.com/spf13/cobra"

	"notifer/server/cli/manual"
	"notifer/server/cli/remote"
)

// commands is the command table.
func commands(app *App) []*cobra.Command {
	return []*cobra.Command{
		serveCommand(app),
		setupLinkCommand(app),
		userCommand(app),
		topicCommand(app),
		tokenCommand(app),
		keyCommand(app),
		deviceCommand(app),
		configCommand(app),
		initCommand(app),
		completionCommand(app),
		manual.Command(&app.App),
		healthCommand(app),
		backupCommand(app),
		restoreCommand(app),
		checkCommand(app),
		doctorCommand(app),
		versionCommand(app),
		remote.RunCommand(&app.App),
		remote.PublishCommand(&app.App),
		remote.SubscribeCommand(&app.App),
		remote.ScanCommand(&app.App),
		exitCodesTopic(),
	}
}
