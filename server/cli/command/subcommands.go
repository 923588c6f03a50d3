package command

import (
	"slices"

	"github.com/spf13/cobra"

	"notifer/server/config"
)

// Group is a command that only holds subcommands.
func Group(use, short, id string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, GroupID: id, Args: UnknownSubcommand,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(subs...)
	return cmd
}

// UnknownSubcommand refuses an argument that names no subcommand, and suggests the nearest one.
func UnknownSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	try := cmd.CommandPath() + " --help"
	cmd.SuggestionsMinimumDistance = 2
	for _, sub := range cmd.Commands() {
		if slices.Contains(sub.SuggestFor, args[0]) {
			return config.Usagef(sub.CommandPath(), "unknown command %q", args[0])
		}
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		try = cmd.CommandPath() + " " + near[0]
	}
	return config.Usagef(try, "unknown command %q", args[0])
}

// CompleteFlag makes the shell complete the values of a flag.
func CompleteFlag(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only without the flag
}
