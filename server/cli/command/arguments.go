package command

import (
	"github.com/spf13/cobra"

	"notifer/server/config"
)

// Words demands exactly these arguments; the names are for the error.
func Words(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return config.Usagef(cmd.CommandPath()+" --help", "%s is missing", names[len(args)])
		}
		if len(args) > len(names) {
			return config.Usagef(cmd.CommandPath()+" --help", "unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// AtLeast demands one argument; more may follow. The name is for the error.
func AtLeast(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return Words(name)(cmd, args[:min(1, len(args))]) }
}

// NotNegative refuses a number below 0; flag is its name with the dashes.
func NotNegative(flag string, n int) error {
	if n < 0 {
		return config.Usagef(flag+" 1", "%s cannot be less than 0", flag)
	}
	return nil
}
