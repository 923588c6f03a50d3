package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
)

// release is set by the release build with -ldflags -X.
var release string

// Version is the number of the release, or else what the Go toolchain has recorded.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "dev"
	}
	return info.Main.Version
}

func versionCommand(app *local.App) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", GroupID: "setup", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if app.JSON {
				return app.PrintJSON(map[string]string{
					"version": Version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			app.Printf("notifer %s %s %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
