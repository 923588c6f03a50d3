package cli

import (
	"github.com/spf13/cobra"

	"notifer/server/cli/admin"
	"notifer/server/cli/local"
	"notifer/server/cli/manual"
	"notifer/server/cli/remote"
)

// commands is the command table.
func commands(app *local.App) []*cobra.Command {
	return append(admin.Commands(app),
		serveCommand(app),
		configCommand(app),
		initCommand(app),
		completionCommand(app),
		manual.Command(&app.App),
		healthCommand(app),
		doctorCommand(app),
		versionCommand(app),
		remote.RunCommand(&app.App),
		remote.PublishCommand(&app.App),
		remote.SubscribeCommand(&app.App),
		remote.ScanCommand(&app.App),
		exitCodesTopic(),
	)
}
