package cli

import (
	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
)

func completionCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print the completion script of a shell", GroupID: "setup",
		Long: `Print the completion script of a shell.

  notifer completion bash > /etc/bash_completion.d/notifer
  notifer completion zsh  > "${fpath[1]}/_notifer"
  notifer completion fish > ~/.config/fish/completions/notifer.fish`,
		Args: command.Words("SHELL"), ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(app.Stdout, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(app.Stdout)
			case "fish":
				return cmd.Root().GenFishCompletion(app.Stdout, true)
			}
			return config.Usagef("notifer completion bash", "no completion for %q", args[0])
		},
	}
	return cmd
}

// exitCodesTopic is a help page without a command.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use: "exit-codes", Short: "What the exit codes mean",
		Long: `Every command ends with one of these codes:

  0  done
  1  the operation failed; see standard error
  2  wrong arguments or configuration; the line "Try:" says what to type
  3  the server refused: no such topic, or the credential lacks the right; with scan: something was found
  4  the server does not answer
  78  in place of 2 from "notifer serve": starting again would not help
  130  interrupted while waiting for input

A command that "notifer subscribe --exec" runs does not change the code.`,
	}
}
