package cli

import "github.com/spf13/cobra"

// commands is the command table.
func commands(app *App) []*cobra.Command {
	return []*cobra.Command{
		serveCommand(app),
		setupLinkCommand(app),
		userCommand(app),
		topicCommand(app),
		tokenCommand(app),
		keyCommand(app),
		configCommand(app),
		initCommand(app),
		completionCommand(app),
		manCommand(app),
		healthCommand(app),
		backupCommand(app),
		restoreCommand(app),
		checkCommand(app),
		doctorCommand(app),
		versionCommand(app),
		runCommand(app),
		publishCommand(app),
		subscribeCommand(app),
		scanCommand(app),
		exitCodesTopic(),
	}
}
