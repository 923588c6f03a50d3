package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"notifer/server/api"
	"notifer/server/cli/command"
	"notifer/server/client"
	"notifer/server/config"
)

// The exit codes that shells use for a command that did not run or was killed.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128 // plus the signal's number
)

const (
	keptOutput   = 64 << 10 // bytes at the end of the output
	sentOutput   = 16 << 10 // bytes of the message
	leastOutput  = 256      // bytes; a server that refuses even this gets no message
	titleRunes   = 200
	afterCommand = 2 * time.Second // how long to wait for the output of a child that outlives the command
	sendTimeout  = 2 * time.Minute
)

// job holds run's flags.
type job struct {
	remote
	always, tee           bool
	title, priority, tags string
	retry                 int
}

const runLong = `Run a command and send a message when it fails.

  notifer run server-alerts -- /usr/local/bin/backup --all
  notifer run server-alerts --always --title "nightly backup" -- backup

The title is the command. The text is the end of its output, or the exit code if
there was no output. If the command succeeds, nothing is printed; if it fails, the
end of its output also goes to standard error. With --tee the output appears as it
comes. The exit code is always the command's own, even if the message could not be
sent. If the server does not answer or is busy, it tries again after
0.25, 1, 4 and 16 seconds (--retry 4), and gives up after two minutes. If the
command line contains secrets, set another title with --title.
` + remoteHelp

// RunCommand runs a command and sends a message when it fails.
func RunCommand(app *command.App) *cobra.Command {
	j := &job{remote: remote{app: app}}
	cmd := &cobra.Command{
		Use: "run TOPIC -- COMMAND [ARGUMENT...]", Short: "Run a command and send a message when it fails", GroupID: "use", Long: runLong,
		Args: commandAfterDashes, RunE: j.run, DisableFlagsInUseLine: true,
	}
	j.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&j.always, "always", false, "send a message when the command succeeds too")
	f.BoolVar(&j.tee, "tee", false, "show the command's output as it comes")
	f.StringVarP(&j.title, "title", "t", "", "title of the message (default the command)")
	f.StringVarP(&j.priority, "priority", "p", "", "priority of a failure: 1 to 5, or min, low, default, high, urgent (default high)")
	f.StringVar(&j.tags, "tags", "", "tags, separated by commas")
	f.IntVar(&j.retry, "retry", 4, "number of retries if there is no answer")
	completePriority(cmd)
	cmd.ValidArgsFunction = j.completeTopics(1)
	return cmd
}

func commandAfterDashes(cmd *cobra.Command, args []string) error {
	const try = "notifer run TOPIC -- COMMAND"
	switch at := cmd.ArgsLenAtDash(); {
	case len(args) == 0:
		return config.Usagef(try, "TOPIC is missing")
	case at < 0:
		return config.Usagef(try, `the command is missing: put it after "--"`)
	case at != 1:
		return config.Usagef(try, `one TOPIC goes before "--"`)
	case len(args) == 1:
		return config.Usagef(try, "the command is missing")
	}
	return nil
}

func (j *job) run(cmd *cobra.Command, args []string) error {
	if err := command.NotNegative("--retry", j.retry); err != nil {
		return err
	}
	priority, warning := correctedPriority(j.priority)
	c, topics, err := j.open(cmd, args[:1])
	if err != nil {
		return err
	}
	running, stop := untilHangup(cmd.Context())
	defer stop()
	output := &tail{max: keptOutput}
	code, failure := j.execute(running, args[1:], output)
	if code == command.ExitDone && !j.always {
		return nil
	}
	if code != command.ExitDone && !j.tee {
		fmt.Fprint(j.app.Stderr, output.String())
	}
	if warning != "" {
		fmt.Fprintf(j.app.Stderr, "notifer run: %s\n", warning)
	}
	// The message goes out even when this program is being stopped.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), sendTimeout)
	defer cancel()
	if err := j.send(ctx, c, topics[0], j.message(args[1:], output, code, failure, priority)); err != nil {
		fmt.Fprintf(j.app.Stderr, "notifer run: the message was not sent: %v\n", Error(err))
	}
	if code == command.ExitDone {
		return nil
	}
	return &command.CodedError{Code: code, Err: errors.New("")}
}

// untilHangup returns a context that also ends when the terminal goes away, as when an SSH connection is lost, so that the message about the
// interrupted command is still sent. Under nohup it does not end. A closed pipe does not end this program either: a write to it fails.
func untilHangup(ctx context.Context) (context.Context, context.CancelFunc) {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE) // not signal.Ignore, which the command would inherit
	if signal.Ignored(syscall.SIGHUP) {
		return ctx, func() {}
	}
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}

// lossy is an output that never fails: the command must not end because nobody reads it.
type lossy struct{ io.Writer }

// Write implements io.Writer.
func (l lossy) Write(p []byte) (int, error) {
	_, _ = l.Writer.Write(p)
	return len(p), nil
}

// execute runs the command and returns its exit code and, after a failure, what happened.
func (j *job) execute(ctx context.Context, args []string, output *tail) (code int, failure string) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.WaitDelay = afterCommand
	var out, errs io.Writer = output, output
	if j.tee {
		out, errs = io.MultiWriter(output, lossy{command.Child(j.app.Stdout)}), io.MultiWriter(output, lossy{command.Child(j.app.Stderr)})
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = j.app.Stdin, out, errs
	err := runToEnd(ctx, cmd)
	var ended *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && cmd.ProcessState.Success():
		return command.ExitDone, ""
	case errors.As(err, &ended):
		if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return exitSignal + int(status.Signal()), "ended by signal " + status.Signal().String()
		}
		return ended.ExitCode(), fmt.Sprintf("exit status %d", ended.ExitCode())
	case cmd.ProcessState != nil: // the command succeeded, and a pipe failed
		return cmd.ProcessState.ExitCode(), err.Error()
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		code = exitNotFound
	default:
		code = exitNotExecutable
	}
	failure = withoutCall(err)
	fmt.Fprintln(output, failure)
	return code, failure
}

// runToEnd starts a command and waits for it. When ctx ends, the command gets SIGTERM and then all the time it needs: a backup may have to
// remove its locks.
func runToEnd(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	return cmd.Wait()
}

// withoutCall is the text of an error without the name of a system call.
func withoutCall(err error) string {
	var path *fs.PathError
	var name *exec.Error
	switch {
	case errors.As(err, &path):
		return path.Path + ": " + path.Err.Error()
	case errors.As(err, &name):
		return name.Name + ": " + name.Err.Error()
	}
	return err.Error()
}

// message is the message about a command that has ended.
func (j *job) message(args []string, output *tail, code int, failure string, priority *int) api.PublishRequest {
	title := oneLine("failed: " + strings.Join(args, " "))
	if code == command.ExitDone {
		title, failure, priority = oneLine("succeeded: "+strings.Join(args, " ")), "exit status 0", nil
	} else if priority == nil {
		high := 4
		priority = &high
	}
	if j.title != "" {
		title = oneLine(j.title)
	}
	text := masked(readable(output.String()))
	if strings.TrimSpace(text) == "" {
		text = failure
	}
	return api.PublishRequest{Message: lastBytes(text, sentOutput), Title: &title, Priority: priority, Tags: splitTags(j.tags)}
}

// send publishes the message and halves its text as long as the server refuses it as too large. It publishes strictly, because the server
// would otherwise keep the beginning of the text, not the end. Other flaws are left to the server to correct.
func (j *job) send(ctx context.Context, c *client.Client, topic string, m api.PublishRequest) error {
	m.Strict = true
	for {
		_, err := c.PublishRetry(ctx, topic, m, j.retry)
		var refused *client.Error
		switch errors.As(err, &refused); {
		case refused == nil || !m.Strict:
			return err
		case refused.Status == http.StatusRequestEntityTooLarge && len(m.Message) > leastOutput:
			m.Message = lastBytes(m.Message, max(leastOutput, len(m.Message)/2))
		case refused.Status == http.StatusRequestEntityTooLarge, refused.Status == http.StatusBadRequest, refused.Status == http.StatusUnprocessableEntity:
			m.Strict = false
		default:
			return err
		}
	}
}
