// Package jsonbody reads JSON that somebody publishes as what they want to say: a message of ours, strictly or with its flaws corrected, or
// whatever a program sends that is not known. It knows no topic and no store.
package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/request/strictjson"
	"notifer/server/shape"
)

// AboutBodies and AboutWebhooks name the pages that say how bodies are read, and those of other programs.
const (
	AboutBodies   = "see /docs/publish"
	AboutWebhooks = "see /docs/webhooks"
)

// Strict reads {"message", "title", "priority", "tags", ...} and refuses anything else.
func Strict(body []byte, d *manage.Draft) error {
	var in api.PublishRequest
	keys, err := request.DecodeJSONKeys(body, &in)
	if err != nil {
		return err
	}
	if manage.Blank(in.Message) {
		return request.Unprocessable("message is missing or empty: send its text")
	}
	fillRequest(in, d)
	if slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(knownKeys, key) }) {
		var object map[string]json.RawMessage
		_ = json.Unmarshal(body, &object) // it was decoded just before
		at := foldKeys(object, d)
		nameUnread(at, nil, d)
		nameLost(at, "", d)
	}
	return nil
}

func fillRequest(in api.PublishRequest, d *manage.Draft) {
	d.Text, d.Tags = in.Message, in.Tags
	set := func(to *string, v *string) {
		if v != nil {
			*to = *v
		}
	}
	set(&d.Title, in.Title)
	set(&d.URL, in.URL)
	set(&d.URLTitle, in.URLTitle)
	if in.Priority != nil {
		d.Priority = fmt.Sprint(*in.Priority)
	}
	if in.Markdown != nil {
		d.Markdown = fmt.Sprint(*in.Markdown)
	}
	for _, a := range in.Actions {
		d.Actions = append(d.Actions, db.Action(a))
	}
}

// Own reads a body that is a message of ours without a flaw, and reports whether it is. Otherwise it says what is wrong.
func Own(body []byte, d *manage.Draft) (flaw error, read bool) {
	var in api.PublishRequest
	keys, flaw := request.DecodeJSONKeys(body, &in)
	if flaw == nil && !manage.Blank(in.Message) && in.Actions == nil && !slices.ContainsFunc(keys, foreign) && !shape.Marked(body) {
		fillRequest(in, d)
		return nil, true
	}
	return flaw, false
}

// NameRest warns of what is in the JSON of a message of ours beside its fields.
func NameRest(text string, d *manage.Draft) {
	var object map[string]json.RawMessage
	if !shape.Crowded(text) && json.Unmarshal([]byte(text), &object) == nil {
		nameLost(object, "", d)
	}
}

// Read reads any JSON, and text that is not JSON: a machine's alert is never lost. flaw is why it is not a message of ours.
func Read(text string, flaw error, d *manage.Draft) {
	body := []byte(text)
	if strings.TrimSpace(text) == "" {
		return
	}
	if shape.Crowded(text) {
		d.Text, d.Guessed = text, true
		d.Fault(request.Unprocessable("%s", shape.ErrCrowded), "%s: it was stored as text", shape.ErrCrowded)
		return
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil && object != nil {
		readObject(object, body, d)
		if p, ok := errors.AsType[*request.Problem](flaw); ok && p.Corrected != "" {
			d.Fault(flaw, "%s", p.Corrected)
		}
		return
	}
	if strings.TrimSpace(text) == "null" {
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is null: there is no text in it; %s", AboutBodies)
		return
	}
	d.Text, d.Guessed = text, true
	var s string
	switch {
	case json.Unmarshal(body, &s) == nil:
		d.Text = s
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is a text, not an object: it is the message; %s", AboutBodies)
	case json.Valid(body):
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is not an object: it was stored as text; %s", AboutWebhooks)
		fillHeadline(body, true, d)
	default:
		d.Fault(request.Unprocessable("the body is not valid JSON: send a JSON object"),
			"the body is not valid JSON: it was stored as text. For plain text send Content-Type: text/plain; %s", AboutBodies)
	}
}

// foreign reports whether a key beside ours says something in readObject, which the quick reader would pass over.
func foreign(key string) bool {
	key = strings.ToLower(key)
	return misnamed[key] != "" || key == "extras" || slices.Contains(titleKeys, key) || Unsupported(key)
}

// maxIndented is how deeply JSON may be nested to be Indented: each level indents the ones in it, so that 20 KB of brackets would
// become 200 MB of spaces.
const maxIndented = 50

// Indented is JSON as people read it. Writers such as Python's and PHP's escape what JSON may hold as it is; that is undone.
func Indented(body []byte) string {
	var b bytes.Buffer
	if strictjson.Depth(string(body)) > maxIndented || json.Indent(&b, bytes.TrimSpace(body), "", "  ") != nil {
		return string(body)
	}
	return escapes.ReplaceAllStringFunc(b.String(), func(escape string) string {
		if escape == `\/` {
			return "/"
		}
		var c string
		if strings.HasPrefix(escape, `\u`) && json.Unmarshal([]byte(`"`+escape+`"`), &c) == nil && strings.IndexFunc(c, unreadable) < 0 {
			return c
		}
		return escape
	})
}

// escapes are those of JSON, the two halves of a surrogate pair together.
var escapes = regexp.MustCompile(`\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)`)

// unreadable reports a character that is better seen as its escape.
func unreadable(r rune) bool {
	return r == '"' || r == '\\' || r == utf8.RuneError || r != '\u200d' && !unicode.IsPrint(r)
}

// TextKeys and titleKeys are names of other systems for the text and the title of a message, the likeliest first.
var (
	TextKeys  = []string{"text", "content", "body", "msg", "summary", "description"}
	titleKeys = []string{"subject", "name"}
)

// readObject reads the fields of an object that have any form.
func readObject(object map[string]json.RawMessage, body []byte, d *manage.Draft) {
	at := foldKeys(object, d)
	d.Text, _ = at.text("message", d)
	d.Title, _ = at.text("title", d)
	if d.Title == "" {
		d.Title = at.first(titleKeys, "title", d)
	}
	if manage.Blank(d.Text) {
		d.Text = at.first(TextKeys, "message", d)
		d.Guessed = d.Text != ""
	}
	d.Priority, _ = at.text("priority", d)
	var h headline
	if d.Guessed && at["message"] == nil {
		h = lenientObject(object).headline()
		h.fillPriority(d)
	}
	d.Markdown, _ = at.text("markdown", d)
	d.URL, _ = at.text("url", d)
	if click, _ := at.text("click", d); d.URL == "" {
		d.URL, d.As.URL = click, "click"
	} else if click != "" && click != d.URL {
		d.Fault(request.Unprocessable("url and click were both sent: send one of them"), "url and click were both sent: url was used")
	}
	d.URLTitle, _ = at.text("url_title", d)
	at.fillExtras(d)
	d.Tags = at.tags(d)
	d.Actions = at.actions(d)
	nameUnread(at, slices.Concat(titleKeys, []string{"click"}), d)
	if !manage.Blank(d.Text) {
		nameLost(object, h.severity.path, d)
	}
	if manage.Blank(d.Text) && at.unknown() {
		d.Fault(request.Unprocessable("message is missing or empty: send its text"), "the JSON has no known text field: all of it was stored; %s", AboutWebhooks)
		fillHeadline(body, at["message"] == nil, d)
	}
}
