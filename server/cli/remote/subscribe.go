package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"notifer/server/api"
	"notifer/server/cli/command"
	"notifer/server/client"
	"notifer/server/config"
)

// reception holds subscribe's flags.
type reception struct {
	remote
	since, exec, state, tags string
	priority, sender         string
	poll, retry              bool
	count                    int

	seen int
	kept *os.File // the state file, locked
}

const subscribeLong = `Receive messages, one line each, until interrupted.

  notifer subscribe server-alerts
  notifer subscribe server-alerts backups --since 1h --json
  notifer subscribe server-alerts --exec 'notify-send -- "$NOTIFER_TITLE" "$NOTIFER_MESSAGE"'
  notifer subscribe server-alerts --poll --state /var/lib/me/server-alerts.last

Reconnects automatically and resumes after the last message, without gaps or
duplicates. --exec runs a shell command per message, one at a time, with
these variables and the text on its standard input: NOTIFER_ID, NOTIFER_TOPIC,
NOTIFER_TITLE, NOTIFER_MESSAGE, NOTIFER_PRIORITY, NOTIFER_TAGS,
NOTIFER_TIMESTAMP, NOTIFER_MESSAGE_URL, NOTIFER_SENDER and NOTIFER_JSON.

A command that fails is reported, and the message counts as handled. With --retry
it does not: the command runs again after 1 s to 1 min, and later messages wait;
with --poll the run ends with code 1, and the next one with the same --state file
begins with that message.
` + remoteHelp

// SubscribeCommand receives messages of topics.
func SubscribeCommand(app *command.App) *cobra.Command {
	r := &reception{remote: remote{app: app}}
	cmd := &cobra.Command{
		Use: "subscribe TOPIC...", Short: "Receive the messages of topics", GroupID: "use", Long: subscribeLong,
		Args: command.AtLeast("TOPIC"), RunE: r.run,
	}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&r.since, "since", "", "replay stored messages first: 2h, today, yesterday, a date, a time, a message id, or all")
	f.BoolVar(&r.poll, "poll", false, "print stored messages and exit")
	f.StringVar(&r.exec, "exec", "", "shell command to run per message")
	f.BoolVar(&r.retry, "retry", false, "rerun a failing command until it succeeds; with --poll, in the next run")
	f.StringVar(&r.state, "state", "", "file that stores the last message id for the next run")
	f.StringVarP(&r.priority, "priority", "p", "", "only this priority and above")
	f.StringVar(&r.tags, "tags", "", "only messages with one of these tags")
	f.StringVar(&r.sender, "sender", "", "only messages of this token, key or account (topics you manage)")
	completePriority(cmd)
	cmd.ValidArgsFunction = r.completeTopics(100)
	f.IntVar(&r.count, "count", 0, "exit after this many messages")
	return cmd
}

// errCounted ends a subscription after --count messages.
var errCounted = errors.New("enough messages")

func (r *reception) run(cmd *cobra.Command, args []string) error {
	if err := command.NotNegative("--count", r.count); err != nil {
		return err
	}
	if r.retry && r.exec == "" {
		return config.Usagef("--exec COMMAND", "--retry is about the command of --exec")
	}
	c, topics, err := r.open(cmd, args)
	if err != nil {
		return err
	}
	if r.since, err = parseSince(r.since, time.Now()); err != nil {
		return err
	}
	least, err := parsePriority(r.priority)
	if err != nil {
		return err
	}
	if r.poll && r.state != "" && len(topics) > 1 {
		return config.Usagef("a --state file per topic", "--poll with --state takes one topic")
	}
	last, err := r.loadState()
	if err != nil {
		return err
	}
	handle := func(m api.Message) error { return r.receive(cmd.Context(), m, least) }
	if r.poll {
		err = r.pollAll(cmd.Context(), c, topics, last, handle)
	} else {
		err = c.Subscribe(cmd.Context(), r.subscription(topics, last), handle)
	}
	if errors.Is(err, errCounted) || cmd.Context().Err() != nil {
		return nil
	}
	if errors.Is(err, client.ErrRevoked) {
		return &command.CodedError{Code: command.ExitRefused, Err: err}
	}
	return Error(err)
}

func (r *reception) subscription(topics []string, last string) client.Subscription {
	return client.Subscription{
		Topics: topics, Since: r.since, LastID: last, Began: r.saveState,
		Opened: func(resumed string) {
			if resumed == "earliest" {
				fmt.Fprintln(r.app.Stderr, "notifer subscribe: some messages since the last one have been deleted")
			}
		},
		Broken: func(err error, pause time.Duration) {
			fmt.Fprintf(r.app.Stderr, "notifer subscribe: %v; reconnecting in %s\n", Error(err), pause.Round(100*time.Millisecond))
		},
	}
}

// pollAll handles stored messages, topic by topic.
func (r *reception) pollAll(ctx context.Context, c *client.Client, topics []string, last string, handle func(api.Message) error) error {
	since := r.since
	if last != "" {
		since = last
	}
	if since == "" {
		since = "all"
	}
	for _, topic := range topics {
		if err := c.EachSince(ctx, topic, since, handle); err != nil {
			return err
		}
	}
	return nil
}

// receive prints the message or runs the command for it, then remembers its id.
func (r *reception) receive(ctx context.Context, m api.Message, least *int) error {
	if (least == nil || m.Priority >= *least) && r.wanted(m.Tags) && r.from(m.Sender) {
		if err := r.show(ctx, m); err != nil {
			return err
		}
		r.seen++
	}
	if err := r.saveState(m.ID); err != nil {
		return err
	}
	if r.count > 0 && r.seen >= r.count {
		return errCounted
	}
	return nil
}

func (r *reception) wanted(tags []string) bool {
	want := splitTags(strings.ToLower(r.tags)) // as tags are stored
	for _, tag := range tags {
		if slices.Contains(want, tag) {
			return true
		}
	}
	return len(want) == 0
}

// from reports whether a message is from the wanted sender, by name or id.
func (r *reception) from(s *api.Sender) bool {
	return r.sender == "" || s != nil && (s.ID == r.sender || strings.EqualFold(s.Name, r.sender))
}

func (r *reception) show(ctx context.Context, m api.Message) error {
	switch {
	case r.exec != "":
		return r.execute(ctx, m)
	case r.app.JSON:
		line, err := command.EncodeJSON(m, "")
		if err != nil {
			return fmt.Errorf("encode the message: %w", err)
		}
		_, err = r.app.Stdout.Write(line)
		return err
	}
	return command.Paint(r.app.Stdout, priorityColours[m.Priority], messageLine(m))
}
