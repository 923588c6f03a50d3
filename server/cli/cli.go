// Package cli is the command line: the command table, and the commands that run, set up and examine a server.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/spelling"
)

// Main runs one command and returns the process's exit code. An interrupt or SIGTERM ends the command's context.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, &local.App{App: command.App{Stdin: stdin, Stdout: command.Output(stdout), Stderr: command.Output(stderr), Env: os.LookupEnv}}, args)
}

func run(ctx context.Context, app *local.App, args []string) int {
	root := rootCommand(app)
	started := false // whether the command's code has begun; an error before that is wrong usage
	markStart(root, &started)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return command.ExitDone
	}
	var usage *config.UsageError
	if !started && !errors.As(err, &usage) {
		err = config.Usagef(cmd.CommandPath()+" --help", "%v", err)
	}
	report(app.Stderr, cmd, err)
	if cmd.Name() == "serve" {
		return startCode(err)
	}
	return command.ExitCode(err)
}

// report prints the error and, for wrong usage, what to type next.
func report(w io.Writer, cmd *cobra.Command, err error) {
	text := strings.TrimSpace(err.Error())
	if text != "" {
		fmt.Fprintf(w, "%s: %s\n", cmd.CommandPath(), text)
	}
	var usage *config.UsageError
	if errors.As(err, &usage) && usage.Try != "" {
		fmt.Fprintf(w, "Try: %s\n", usage.Try)
	}
}

// rootCommand builds the whole command table.
func rootCommand(app *local.App) *cobra.Command {
	root := &cobra.Command{
		Use:           "notifer",
		Short:         "A notification server in one binary",
		Long:          rootLong,
		Version:       Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, args []string) error { return cmd.Help() },
		Args:          command.UnknownSubcommand,
	}
	root.SetIn(app.Stdin)
	root.SetOut(app.Stdout)
	root.SetErr(app.Stderr)
	root.PersistentFlags().StringVar(&app.ConfigFile, "config", "", "configuration file (default notifer.toml here, then /etc/notifer/notifer.toml)")
	root.PersistentFlags().BoolVar(&app.JSON, "json", false, "print JSON instead of human-readable text")
	root.SetVersionTemplate("notifer {{.Version}}\n") // like the start of "notifer version"
	root.SetFlagErrorFunc(unknownFlag)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(&cobra.Group{ID: "run", Title: "Run the server:"},
		&cobra.Group{ID: "admin", Title: "Administration (works while the server runs, except restore):"},
		&cobra.Group{ID: "use", Title: "Use it from a script:"},
		&cobra.Group{ID: "setup", Title: "Set it up:"})
	root.AddCommand(commands(app)...)
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = knownCommand
	return root
}

const rootLong = `Notifer is a notification server in one binary: scripts publish to topics with
scoped access tokens, and browsers, phones and programs receive.

  notifer serve                               start on :8080 with data in ./data
  notifer user add ann@example.com --admin    create an account
  notifer topic create server-alerts          create a topic
  export NOTIFER_TOPIC_TOKEN=$(notifer token create server-alerts my-script \
    --permissions publish,subscribe)          create a token for it
  notifer publish server-alerts "disk full"   send a message
  notifer subscribe server-alerts             receive messages

Every setting can be a flag, a NOTIFER_ environment variable, or a key in a TOML
file, in this order of precedence. Secrets have no flags, because other users can
see command lines. See "notifer config" and "notifer help exit-codes".`

// unknownFlag suggests the flag that was probably meant: one that begins with what was typed, or the one with the fewest different letters.
func unknownFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if _, bad := errors.AsType[*pflag.InvalidSyntaxError](err); cmd.Name() == "publish" && (bad || ok && len(unknown.GetSpecifiedName()) < 3) {
		return fmt.Errorf("%w; put -- before a text that begins with -", err)
	}
	if !ok || len(unknown.GetSpecifiedName()) < 3 {
		return err
	}
	name := unknown.GetSpecifiedName()
	var names, longer []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if names = append(names, f.Name); strings.HasPrefix(f.Name, name) {
			longer = append(longer, f.Name)
		}
	})
	near := spelling.Nearest(name, names)
	if len(longer) > 0 {
		near = slices.MinFunc(longer, func(a, b string) int { return len(a) - len(b) })
	} else if spelling.Distance(name, near) > 2 {
		return err
	}
	return fmt.Errorf("%w; did you mean --%s?", err, near)
}

// knownCommand refuses arguments of "help" that name no command.
func knownCommand(cmd *cobra.Command, args []string) error {
	target, rest, err := cmd.Root().Find(args)
	if err != nil {
		return err
	}
	return command.UnknownSubcommand(target, rest)
}

// markStart makes every command set started before its own code runs. An error before that is wrong usage.
func markStart(cmd *cobra.Command, started *bool) {
	if runE := cmd.RunE; runE != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			*started = true
			return runE(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		markStart(sub, started)
	}
}
