package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
	"notifer/server/cli/command"
)

// priorityColours paint a line at a terminal by its priority.
var priorityColours = map[int]string{1: "\x1b[2m", 2: "\x1b[2m", 4: "\x1b[33m", 5: "\x1b[1;31m"}

// messageLine is a message for people. Control characters become ?, so that a message cannot control the terminal.
func messageLine(m api.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  ", m.Timestamp.Local().Format("2006-01-02 15:04:05"), command.Plain(m.Topic))
	if m.Priority != 3 {
		fmt.Fprintf(&b, "%s: ", priorityWord(m.Priority))
	}
	if m.Title != nil && *m.Title != "" {
		fmt.Fprintf(&b, "%s: ", command.Plain(*m.Title))
	}
	b.WriteString(strings.ReplaceAll(command.Plain(m.Message), "\n", "\n    "))
	for _, tag := range m.Tags {
		b.WriteString("  #" + command.Plain(tag))
	}
	if m.URL != "" {
		b.WriteString("  " + command.Plain(m.URL))
	}
	return b.String()
}

func priorityWord(n int) string {
	if n < 1 || n > len(priorityNames) {
		return strconv.Itoa(n)
	}
	return priorityNames[n-1]
}

// longestVariable is the longest variable in bytes: the kernel has a limit, and the text is on standard input too.
const longestVariable = 100_000

// execute runs the command of --exec. A failure is reported and does not end the subscription. With --retry the command runs again until
// it succeeds; with --poll it ends the run, and the next run begins with the same message.
func (r *reception) execute(ctx context.Context, m api.Message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		cmd := exec.Command("/bin/sh", "-c", r.exec)
		cmd.Env = append(os.Environ(), messageVariables(m, string(text))...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(m.Message), command.Child(r.app.Stdout), command.Child(r.app.Stderr)
		err := runToEnd(ctx, cmd)
		switch {
		case err == nil || ctx.Err() != nil:
			return ctx.Err()
		case r.retry && r.poll:
			return fmt.Errorf("the command for message %s: %w", m.ID, err)
		case !r.retry:
			fmt.Fprintf(r.app.Stderr, "notifer subscribe: the command for message %s: %v\n", m.ID, err)
			return nil
		}
		fmt.Fprintf(r.app.Stderr, "notifer subscribe: the command for message %s: %v; again in %s\n", m.ID, err, pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func messageVariables(m api.Message, whole string) []string {
	title, sender := "", ""
	if m.Title != nil {
		title = *m.Title
	}
	if m.Sender != nil {
		sender = m.Sender.Name
	}
	var list []string
	for _, pair := range [][2]string{
		{"ID", m.ID}, {"TOPIC", m.Topic}, {"TITLE", title}, {"MESSAGE", m.Message},
		{"PRIORITY", strconv.Itoa(m.Priority)}, {"TAGS", strings.Join(m.Tags, ",")},
		{"TIMESTAMP", m.Timestamp.UTC().Format(api.Layout)}, {"MESSAGE_URL", m.URL}, {"SENDER", sender},
		{"JSON", whole},
	} {
		// The kernel refuses a variable with a NUL byte.
		if value := strings.ReplaceAll(pair[1], "\x00", ""); len(value) <= longestVariable {
			list = append(list, "NOTIFER_"+pair[0]+"="+value)
		}
	}
	return list
}
