// Package shape makes messages of what other programs post. A shape is data: one file of shapes/ says how to recognise the
// payload of a program, which of its fields are title, text, priority, tags, link and key of a message, and how to set the
// program up. It knows neither HTTP nor the store, and a template reaches nothing but the payload.
package shape

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

//go:embed shapes/*.toml
var files embed.FS

// Names of the shapes that are not those of a program.
const (
	None    = ""        // none was chosen: well-known payloads are recognised by their fields
	Generic = "generic" // JSON of any kind
	Form    = "form"    // the fields of a form
	Custom  = "custom"  // the templates of the token itself
)

// AnswerNone is an answer without a body.
const AnswerNone = "none"

// Shape is how the payloads of one program become messages.
type Shape struct {
	ID        string     `toml:"-"`
	Name      string     `toml:"name"`
	Also      []string   `toml:"also"` // further names for the search
	Icon      string     `toml:"icon"`
	About     string     `toml:"about"`
	Docs      string     `toml:"docs"`      // where its maker describes the payload
	Recognise [][]string `toml:"recognise"` // top-level fields, one set of which a payload must have, or the first element of a payload that is a list
	Header    []string   `toml:"header"`    // headers that only this program sends
	Headers   []string   `toml:"headers"`   // headers that the templates may read
	Marker    []string   `toml:"marker"`    // fields of which one is in payloads that have a field message as ours do
	Form      bool       `toml:"form"`      // the body may be a form
	Signed    string     `toml:"signed"`    // how it signs: github, grafana or standard
	Answer    string     `toml:"answer"`    // what its senders want to hear where it is not our JSON: a text, or none
	Repeats   string     `toml:"repeats"`   // a payload brings unchanged alerts along with changed ones: the field of an element that holds when the alert began
	Templates Templates  `toml:"message"`
	Setup     Setup      `toml:"setup"`

	set *Set
}

// Setup is how to tell the program where to send. {URL}, {URL_WITH_TOKEN}, {TOKEN} and {TOPIC} stand for those of a token,
// {APPRISE} for its URL in the notation of Apprise.
type Setup struct {
	Where  string `toml:"where"`  // the page or file
	Field  string `toml:"field"`  // that takes the URL
	Header string `toml:"header"` // how to send the token as a header, empty when it cannot
	Steps  []Step `toml:"step"`
}

// Step is a text, and perhaps something to copy.
type Step struct {
	Text string `toml:"text"`
	Code string `toml:"code"`
}

// Templates are the fields of a message as templates.
type Templates struct {
	Each      string `toml:"each" json:"each,omitempty"` // a list in the payload, "." for the payload itself: one message for each of its elements
	Title     string `toml:"title" json:"title,omitempty"`
	Text      string `toml:"text" json:"text,omitempty"`
	Priority  string `toml:"priority" json:"priority,omitempty"`
	Tags      string `toml:"tags" json:"tags,omitempty"` // separated by commas
	Link      string `toml:"link" json:"link,omitempty"`
	LinkTitle string `toml:"link_title" json:"link_title,omitempty"`
	Key       string `toml:"key" json:"key,omitempty"`           // what the message is about: the next one with this key takes its place
	Resolved  string `toml:"resolved" json:"resolved,omitempty"` // not empty: what the key stands for is over
	Markdown  bool   `toml:"markdown" json:"markdown,omitempty"`
}

// all are the shapes by name, those of no program first. They are read when they are first asked for: a command that sends a message
// needs none of them.
var all = sync.OnceValue(load)

func load() []*Shape {
	entries, err := files.ReadDir("shapes")
	if err != nil {
		panic(err) // the files are part of the program
	}
	var list []*Shape
	for _, e := range entries {
		id, isShape := strings.CutSuffix(e.Name(), ".toml")
		if !isShape || strings.Contains(id, ".") {
			continue
		}
		s := &Shape{ID: id}
		text, err := files.ReadFile("shapes/" + e.Name())
		if err == nil {
			err = decode(text, s)
		}
		if err == nil {
			s.set, err = s.Templates.Compile()
		}
		if err != nil {
			panic(fmt.Errorf("shapes/%s: %w", e.Name(), err))
		}
		s.set.constant, s.set.since = false, s.Repeats
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *Shape) int {
		if a.forAll() != b.forAll() {
			if a.forAll() {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}

func (s *Shape) forAll() bool { return s.ID == Generic || s.ID == Form }

// decode reads a file and refuses keys that it does not know.
func decode(text []byte, v any) error {
	meta, err := toml.Decode(string(text), v)
	if err == nil && len(meta.Undecoded()) > 0 {
		err = fmt.Errorf("unknown key %s", meta.Undecoded()[0])
	}
	return err
}

// All lists the shapes: the generic ones, then the programs by name.
func All() []*Shape { return all() }

// ByID is the shape of a name, nil when there is none.
func ByID(id string) *Shape {
	for _, s := range all() {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Valid reports whether a token may have this shape.
func Valid(id string) bool { return id == None || id == Custom || ByID(id) != nil }

// markers are the fields by which payloads are recognised that have a field message as ours do.
var markers = sync.OnceValue(func() (list [][]byte) {
	for _, s := range all() {
		for _, name := range s.Marker {
			list = append(list, []byte(`"`+name+`"`))
		}
	}
	return list
})

// Marked reports whether a JSON body that has a field message may be that of a program all the same.
func Marked(body []byte) bool {
	for _, m := range markers() {
		if bytes.Contains(body, m) {
			return true
		}
	}
	return false
}

// RecogniseText finds the shape of a body by its headers, or, when it is JSON, by the fields of its object or of the first object of its
// list; nil when it is of no known program.
func RecogniseText(text string, header func(name string) string) *Shape {
	var object map[string]json.RawMessage
	switch text = strings.TrimSpace(text); {
	case Crowded(text): // the headers alone may show it
	case strings.HasPrefix(text, "{"):
		_ = json.Unmarshal([]byte(text), &object) // what is not an object has no fields
	case strings.HasPrefix(text, "["):
		_ = json.NewDecoder(strings.NewReader(text[1:])).Decode(&object)
	}
	return recognise(func(field string) bool { return object[field] != nil }, header)
}

// recognise finds a shape by a header that only one program sends, else by the most top-level fields.
func recognise(has func(field string) bool, header func(name string) string) *Shape {
	for _, s := range all() {
		if slices.ContainsFunc(s.Header, func(name string) bool { return header(name) != "" }) {
			return s
		}
	}
	var found *Shape
	most := 0
	for _, s := range all() {
		for _, set := range s.Recognise {
			if len(set) > most && !slices.ContainsFunc(set, func(f string) bool { return !has(f) }) {
				found, most = s, len(set)
			}
		}
	}
	return found
}
