package remote

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"notifer/server/api"
	"notifer/server/cli/command"
	"notifer/server/client"
	"notifer/server/config"
	"notifer/server/manage"
)

// publication holds publish's flags.
type publication struct {
	remote
	title, priority, tags, file string
	url, urlTitle               string
	markdown                    bool
	actions                     []string
	retry                       int
	quiet, strict               bool
}

const publishLong = `Send one message to a topic.

  notifer publish server-alerts "disk is full" --title NAS --priority high --tags disk,nas
  df -h | notifer publish server-alerts --file -
  notifer publish https://home.example/server-alerts "backup done"
  notifer publish server-alerts --quiet -- "-5 degrees"

Without MESSAGE, the text comes from --file, or from standard input if that is not
a terminal. If there is no answer, it retries; the message is stored only once.
` + remoteHelp

// PublishCommand sends one message.
func PublishCommand(app *command.App) *cobra.Command {
	p := &publication{remote: remote{app: app}}
	cmd := &cobra.Command{
		Use: "publish TOPIC [MESSAGE...]", Short: "Send a message to a topic", GroupID: "use", Long: publishLong,
		Args: command.AtLeast("TOPIC"), RunE: p.run,
	}
	p.flags(cmd)
	f := cmd.Flags()
	f.StringVarP(&p.title, "title", "t", "", "title of the message")
	f.StringVarP(&p.priority, "priority", "p", "", "1 to 5, or min, low, default, high, urgent")
	f.StringVar(&p.tags, "tags", "", "tags, separated by commas")
	f.StringVarP(&p.file, "file", "f", "", "read the text from this file; - is standard input")
	f.BoolVarP(&p.markdown, "markdown", "m", false, "show the text as markdown")
	f.StringVar(&p.url, "url", "", "link the message opens")
	f.StringVar(&p.urlTitle, "url-title", "", "label of the link")
	f.StringArrayVar(&p.actions, "action", nil, `button: "view, Label, https://..."; can be repeated`)
	f.BoolVarP(&p.quiet, "quiet", "q", false, "do not print the message's id")
	f.BoolVar(&p.strict, "strict", false, "refuse a message whose fields break a rule, instead of correcting them")
	f.IntVar(&p.retry, "retry", 3, "number of retries if there is no answer")
	completePriority(cmd)
	cmd.ValidArgsFunction = p.completeTopics(1)
	return cmd
}

func (p *publication) run(cmd *cobra.Command, args []string) error {
	if err := command.NotNegative("--retry", p.retry); err != nil {
		return err
	}
	c, topics, err := p.open(cmd, args[:1])
	if err != nil {
		return err
	}
	m, err := p.message(cmd, args[1:])
	if err != nil {
		return err
	}
	sent, err := c.PublishRetry(cmd.Context(), topics[0], m, p.retry)
	for tooLarge(err) && !p.strict && len(m.Message) > leastOutput {
		m.Message = half(m.Message)
		if sent, err = c.PublishRetry(cmd.Context(), topics[0], m, p.retry); err == nil {
			fmt.Fprintf(p.app.Stderr, "notifer publish: the text was too long for the server and was cut\n")
		}
	}
	if err != nil {
		return Error(err)
	}
	for _, warning := range sent.Warnings {
		p.warn(warning)
	}
	switch {
	case p.app.JSON:
		return p.app.PrintJSON(sent)
	case !p.quiet:
		p.app.Printf("%s\n", sent.ID)
	}
	return nil
}

// message builds the request; only the fields whose flags were given are set.
func (p *publication) message(cmd *cobra.Command, args []string) (api.PublishRequest, error) {
	m := api.PublishRequest{Tags: splitTags(p.tags), Strict: p.strict}
	var err error
	if m.Message, err = p.text(cmd, args); err != nil {
		return m, err
	}
	var warning string
	if m.Priority, warning = correctedPriority(p.priority); warning != "" {
		if _, err := parsePriority(p.priority); p.strict {
			return m, err
		}
		p.warn(warning)
	}
	if m.Actions, err = p.buttons(); err != nil {
		return m, err
	}
	if p.title, err = p.readable("title", []byte(p.title)); err != nil {
		return m, err
	}
	for value, field := range map[*string]**string{&p.title: &m.Title, &p.url: &m.URL, &p.urlTitle: &m.URLTitle} {
		if *value != "" {
			*field = value
		}
	}
	if p.markdown {
		m.Markdown = &p.markdown
	}
	return m, nil
}

// tooLarge reports whether a server refused a message for its length.
func tooLarge(err error) bool {
	refused, ok := errors.AsType[*client.Error](err)
	return ok && refused.Status == http.StatusRequestEntityTooLarge
}

func (p *publication) text(cmd *cobra.Command, args []string) (string, error) {
	if len(args) > 0 {
		if p.file != "" {
			return "", config.Usagef(cmd.CommandPath()+" --help", "the text is given as words and as --file")
		}
		return p.readable("message", []byte(strings.Join(args, " ")))
	}
	var text []byte
	var err error
	switch {
	case p.file != "" && p.file != "-":
		text, err = os.ReadFile(p.file)
	case p.file == "-" || !command.IsTerminal(p.app.Stdin):
		text, err = command.Interruptible(cmd.Context(), func() ([]byte, error) { return io.ReadAll(p.app.Stdin) })
	}
	if errors.Is(err, os.ErrNotExist) {
		return "", config.Usagef("--file FILE, or --file - for standard input", "read the message: %v", err)
	}
	if err != nil {
		return "", fmt.Errorf("read the message: %w", err)
	}
	if len(text) == 0 && p.title == "" {
		return "", config.Usagef(`notifer publish TOPIC "hello"`, "the message is empty")
	}
	plain, err := p.readable("message", text)
	return strings.TrimSuffix(plain, "\n"), err
}

// readable makes valid UTF-8 of what a script sends as a field. With --strict it refuses what would have to be converted.
func (p *publication) readable(field string, body []byte) (string, error) {
	text, done := asText(body)
	if done != "" && p.strict {
		return "", config.Usagef("iconv -f WINDOWS-1252 -t UTF-8", "the %s is not valid UTF-8: convert it first", field)
	}
	if done != "" {
		p.warn(done)
	}
	return text, nil
}

// completePriority makes the shell complete the words of --priority.
func completePriority(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("priority", cobra.FixedCompletions(priorityNames, cobra.ShellCompDirectiveNoFileComp)) // fails only without the flag
}

func splitTags(text string) []string {
	var tags config.List
	tags.UnmarshalText([]byte(text))
	return tags
}

// priorityNames are the words for the priorities 1 to 5.
var priorityNames = []string{"min", "low", "default", "high", "urgent"}

func parsePriority(text string) (*int, error) {
	n, warning := manage.ReadPriority(text)
	switch {
	case warning != "":
		return nil, config.Usagef("--priority high", "invalid priority %q: use 1 to 5, or %s", text, strings.Join(priorityNames, ", "))
	case n == 0:
		return nil, nil
	}
	return &n, nil
}

// correctedPriority reads a priority leniently: a script's mistake must not cost the alert. The warning says what was changed.
func correctedPriority(text string) (priority *int, warning string) {
	n, warning := manage.ReadPriority(text)
	if n == 0 {
		return nil, warning
	}
	return &n, warning
}

// buttons reads each --action, "type, label, url[, key=value]...", as the server reads X-Actions.
func (p *publication) buttons() ([]api.Action, error) {
	var actions []api.Action
	for _, text := range p.actions {
		a, err := manage.ParseAction(text)
		if err != nil && p.strict {
			return nil, config.Usagef(`--action "view, Open, https://home.example"`, "%q: %v", text, err)
		}
		if err != nil {
			p.warn(fmt.Sprintf("the action %q was left out: %v", text, err))
			continue
		}
		actions = append(actions, a)
	}
	return actions, nil
}

func (p *publication) warn(text string) {
	fmt.Fprintf(p.app.Stderr, "notifer publish: %s\n", command.Plain(text))
}
