package shape

import (
	"errors"
	"strings"
	"time"
)

// Examples are payloads of a program with the messages that its shape makes of them.
type Examples struct {
	Source string `toml:"source"` // where the payloads are from
	Cases  []Case `toml:"case"`
}

// Case is one payload.
type Case struct {
	Name    string            `toml:"name"`
	Headers map[string]string `toml:"headers"`
	Type    string            `toml:"type"` // media type; JSON unless named, and also where it is "none"
	Body    string            `toml:"body"`
	Want    []struct {
		Title     string    `toml:"title"`
		Text      string    `toml:"text"`
		Priority  string    `toml:"priority"`
		Tags      []string  `toml:"tags"`
		Link      string    `toml:"link"`
		LinkTitle string    `toml:"link_title"`
		Key       string    `toml:"key"`
		Resolved  bool      `toml:"resolved"`
		Markdown  bool      `toml:"markdown"`
		Since     time.Time `toml:"since"`
	} `toml:"want"`
}

// Examples reads the payloads beside a shape.
func (s *Shape) Examples() (Examples, error) {
	var e Examples
	text, err := files.ReadFile("shapes/" + s.ID + ".example.toml")
	if err == nil {
		err = decode(text, &e)
	}
	return e, err
}

// Payload reads the body of a case as it would be read from a request.
func (c Case) Payload() (p Payload, err error) {
	switch {
	case c.Type == "", c.Type == "none", strings.HasPrefix(c.Type, "text/"), strings.HasPrefix(c.Type, "multipart/"): // whose field payload is the body
		p.Value, err = ReadJSON([]byte(c.Body))
	case strings.Contains(c.Type, "form"):
		p.Value, err = ReadForm(c.Body)
	default:
		err = errors.New("no such type of body")
	}
	p.Header = func(name string) string { return c.Headers[name] }
	return p, err
}

// Messages are those expected.
func (c Case) Messages() []Message {
	var out []Message
	for _, w := range c.Want {
		out = append(out, Message{Title: w.Title, Text: strings.TrimPrefix(w.Text, "\n"), Priority: w.Priority, Tags: w.Tags, Link: w.Link,
			LinkTitle: w.LinkTitle, Key: w.Key, Resolved: w.Resolved, Markdown: w.Markdown, Since: w.Since})
	}
	return out
}
