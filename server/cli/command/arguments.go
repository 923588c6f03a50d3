package command

import (
	"github.com/spf13/cobra"

	"notifer/server/config"
)

// Words demands exactly the named arguments.
func Words(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return config.Usagef(cmd.CommandPath()+" --help", "%s is missing", names[len(args)])
		}
		if len(args) > len(names) {
			return config.Usagef(cmd.CommandPath()+" --help", "unexpected %q", args[len(names)])
		}
		return nil
	}
}

// AtLeast demands one argument of this name; more may follow.
func AtLeast(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return Words(name)(cmd, args[:min(1, len(args))]) }
}

// NotNegative refuses a number below 0 in the named flag.
func NotNegative(flag string, n int) error {
	if n < 0 {
		return config.Usagef(flag+" 1", "%s cannot be less than 0", flag)
	}
	return nil
}
