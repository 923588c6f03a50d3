package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/server/plaintext"
	"notifer/server/request/strictjson"
)

// Bounds of what one body becomes.
const (
	maxMessages = 1000
	maxFields   = 1000 // of a form
	maxValues   = 20_000
)

// ErrCrowded refuses JSON of so many values that decoding them would hold a core for long. A payload of Alertmanager with 200
// alerts has some 4,000.
var ErrCrowded = fmt.Errorf("the JSON has more than %d values", maxValues)

// Crowded reports whether a text is too many values to be decoded, if it is JSON.
func Crowded(text string) bool {
	return len(text) > 2*maxValues && strictjson.Values(text) > maxValues
}

// Message is what a shape makes of a payload, as texts that have not been judged yet.
type Message struct {
	Title, Text, Priority string
	Tags                  []string
	Link, LinkTitle       string
	Key                   string
	Resolved              bool
	Markdown              bool
	Since                 time.Time // when the alert began; zero where the payload does not say
}

// Payload is a body that was read.
type Payload struct {
	Value  any                 // JSON: nil, bool, json.Number, string, []any, map[string]any
	Header func(string) string // nil: none
}

// errEmpty says that the templates found nothing in a payload.
var errEmpty = errors.New("nothing that the shape looks for is in it")

// Set is the compiled form of templates.
type Set struct {
	each     []string
	title    *Template
	text     *Template
	priority *Template
	tags     *Template
	link     *Template
	label    *Template
	key      *Template
	resolved *Template
	markdown bool
	since    string // the field of an element that holds when the alert began, empty for none
	constant bool   // a message may have nothing of the payload: its owner wants that
}

// FieldError is what is wrong with one of the templates.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Compile reads the templates; its error is a FieldError.
func (t Templates) Compile() (*Set, error) {
	s := &Set{markdown: t.Markdown, constant: true}
	for _, f := range []struct {
		name, text string
		to         **Template
	}{
		{"title", t.Title, &s.title}, {"text", t.Text, &s.text}, {"priority", t.Priority, &s.priority}, {"tags", t.Tags, &s.tags},
		{"link", t.Link, &s.link}, {"link_title", t.LinkTitle, &s.label}, {"key", t.Key, &s.key}, {"resolved", t.Resolved, &s.resolved},
	} {
		if strings.TrimSpace(f.text) == "" {
			continue
		}
		c, err := Compile(strings.TrimSpace(f.text))
		if err != nil {
			return nil, &FieldError{f.name, err}
		}
		*f.to = c
	}
	s.each = eachPath(t.Each)
	if len(t.Each) > 200 || slices.Contains(s.each, "") {
		return nil, &FieldError{"each", errors.New("write the name of a list in the payload, such as alerts or data.items, or a dot where the payload is a list")}
	}
	return s, nil
}

// eachPath are the names that lead to the list of which each element becomes a message: none where it is the payload itself, nil where
// there is none.
func eachPath(each string) []string {
	switch path := strings.Trim(each, ". "); {
	case path != "":
		return strings.Split(path, ".")
	case strings.TrimSpace(each) != "":
		return []string{}
	}
	return nil
}

// Apply makes the messages of a payload. It fails when the templates find nothing in it, or cost too much; then the payload is
// not lost: who called it stores it as it is.
func (s *Shape) Apply(p Payload) ([]Message, error) {
	header := p.Header
	if header != nil {
		p.Header = func(name string) string {
			if slices.Contains(s.Headers, name) {
				return header(name)
			}
			return ""
		}
	}
	return s.set.Apply(p)
}

// Apply is the same with templates of a token: they may read any header that holds no secret.
func (s *Set) Apply(p Payload) ([]Message, error) {
	if header := p.Header; header != nil && s.constant {
		p.Header = func(name string) string {
			if isCredential(name) {
				return ""
			}
			return header(name)
		}
	}
	r := &run{payload: p.Value, header: p.Header, most: maxSteps}
	if s.each == nil {
		m, err := s.message(r, p.Value)
		if err != nil {
			return nil, err
		}
		return []Message{m}, nil
	}
	list, ok := fields(p.Value, s.each).([]any)
	if !ok || len(list) == 0 {
		return nil, errEmpty
	}
	out := make([]Message, 0, min(len(list), maxMessages))
	r.most += moreSteps * cap(out)
	for i, v := range list {
		if i == maxMessages {
			rest, err := r.json(list[i:], "")
			if err != nil {
				return nil, err
			}
			out = append(out, Message{Text: fmt.Sprintf("%d more came in the same payload:\n%s", len(list)-i, rest)})
			break
		}
		m, err := s.message(r, v)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (s *Set) message(r *run, dot any) (m Message, err error) {
	var tags, resolved string
	found := false // by the title or the text
	r.found = false
	for _, f := range []struct {
		t  *Template
		to *string
	}{
		{s.title, &m.Title}, {s.text, &m.Text}, {s.priority, &m.Priority}, {s.tags, &tags}, {s.link, &m.Link}, {s.label, &m.LinkTitle},
		{s.key, &m.Key}, {s.resolved, &resolved},
	} {
		if f.t == nil {
			continue
		}
		if *f.to, err = r.text(f.t, dot); err != nil {
			return m, err
		}
		*f.to = strings.TrimSpace(strings.ToValidUTF8(*f.to, "\ufffd")) // a template may cut within a character
		if f.t == s.title || f.t == s.text {
			found = r.found
		}
	}
	if !visible(m.Title) && !visible(m.Text) || !found && !s.constant {
		return m, errEmpty
	}
	m.Title = firstLine(m.Title)
	if m.Link == "" {
		m.LinkTitle = ""
	}
	if tags != "" {
		m.Tags = slices.DeleteFunc(strings.Split(tags, ","), func(t string) bool { return strings.TrimSpace(t) == "" })
	}
	m.Resolved = resolved != "" && resolved != "false" && m.Key != ""
	m.Markdown = s.markdown
	if s.since != "" {
		if text, ok := fields(dot, []string{s.since}).(string); ok {
			m.Since, _ = time.Parse(time.RFC3339, text) // what is no time says nothing
		}
	}
	return m, nil
}

// visible reports whether there is anything to see in a text. The codes of a terminal are taken out of messages.
func visible(s string) bool {
	return strings.ContainsFunc(plaintext.WithoutTerminal(s), func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// Read reads a body that is JSON, or a form.
func Read(body string, form bool) (any, error) {
	if text := strings.TrimSpace(body); !form || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		v, err := ReadJSON([]byte(body))
		if err == nil || form || errors.Is(err, ErrCrowded) {
			return v, err
		}
		return nil, errors.New("it is not JSON")
	}
	return ReadForm(body)
}

// ReadJSON reads a body that is JSON.
func ReadJSON(body []byte) (any, error) {
	if Crowded(string(body)) {
		return nil, ErrCrowded
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("there is something after the JSON")
	}
	return v, nil
}

// ReadForm reads a body that is a form. A form with a payload is that payload.
func ReadForm(body string) (any, error) {
	values, err := url.ParseQuery(body)
	if err != nil || len(values) == 0 || len(values) > maxFields {
		return nil, errors.New("the body is not a form")
	}
	if text := FormPayload(values); text != "" {
		if v, err := ReadJSON([]byte(text)); err == nil {
			return v, nil
		}
	}
	return formValue(values), nil
}

// FormPayload is the JSON object in the field payload, payload_json or data of a form, where GitHub, Plex, Slack, Synology and Uptime
// Kuma send it, and to Discord whoever adds a picture; empty when there is none.
func FormPayload(values url.Values) string {
	for _, name := range []string{"payload", "payload_json", "data"} {
		if text := values.Get(name); strings.HasPrefix(strings.TrimSpace(text), "{") {
			return text
		}
	}
	return ""
}

func formValue(values url.Values) map[string]any {
	out := map[string]any{}
	for name, list := range values {
		name = strings.ToValidUTF8(name, "?")
		for i := range list {
			if !utf8.ValidString(list[i]) {
				list[i] = strings.ToValidUTF8(list[i], "?")
			}
		}
		if len(list) == 1 {
			out[name] = list[0]
			continue
		}
		var many []any
		for _, v := range list {
			many = append(many, v)
		}
		out[name] = many
	}
	return out
}
