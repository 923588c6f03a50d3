package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

// aboutBodies is the page that says which bodies are understood.
const aboutBodies = "see /docs/publish"

// readStrictJSON reads {"message", "title", "priority", "tags", ...} and refuses anything else.
func readStrictJSON(body []byte, d *manage.Draft) error {
	var in api.PublishRequest
	if err := request.DecodeJSON(body, &in); err != nil {
		return err
	}
	if in.Message == "" {
		return request.Unprocessable("message is missing or empty: send its text")
	}
	fillRequest(in, d)
	if !plain(body) {
		var object map[string]json.RawMessage
		_ = json.Unmarshal(body, &object) // it was decoded just before
		nameForeign(object, d)
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

// readJSON reads any JSON, and text that is none: a machine's alert is never lost.
func readJSON(text string, d *manage.Draft) {
	body := []byte(text)
	var in api.PublishRequest
	flaw := request.DecodeJSON(body, &in)
	if flaw == nil && in.Message != "" && plain(body) {
		fillRequest(in, d)
		return
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil && object != nil {
		known := len(d.Faults)
		if readObject(object, body, d); flaw != nil && len(d.Faults) == known {
			d.Fault(flaw, "%s; it was read all the same", flaw)
		}
		return
	}
	if strings.TrimSpace(text) == "null" {
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is null: there is no text in it; %s", aboutBodies)
		return
	}
	d.Text, d.Guessed = text, true
	var s string
	switch {
	case json.Unmarshal(body, &s) == nil:
		d.Text = s
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is a text, not an object: it is the message; %s", aboutBodies)
	case json.Valid(body):
		d.Text = indented(body)
		d.Fault(request.Unprocessable("the body must be a JSON object"), "the JSON is not an object: it was stored as text; %s", aboutBodies)
	default:
		d.Fault(request.Unprocessable("the body is not valid JSON: send a JSON object"),
			"the body is not valid JSON: it was stored as text. For plain text send Content-Type: text/plain; %s", aboutBodies)
	}
}

// plain reports whether a body has nothing that the quick reader would pass over in silence.
func plain(body []byte) bool {
	for _, key := range [...]string{`"actions"`, `"email"`, `"call"`, `"attach"`, `"delay"`, `"filename"`} {
		if bytes.Contains(body, []byte(key)) {
			return false
		}
	}
	return true
}

func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(body), "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// Keys of other systems for the text and the title of a message, the likeliest first.
var (
	textKeys  = []string{"text", "content", "body", "msg", "summary", "description"}
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
	if d.Text == "" {
		d.Text = at.first(textKeys, "message", d)
		d.Guessed = d.Text != ""
	}
	d.Priority, _ = at.text("priority", d)
	d.Markdown, _ = at.text("markdown", d)
	d.URL, _ = at.text("url", d)
	if d.URL == "" {
		d.URL, _ = at.text("click", d)
	}
	d.URLTitle, _ = at.text("url_title", d)
	d.Tags = at.tags(d)
	d.Actions = at.actions(d)
	nameForeign(at, d)
	if d.Text == "" && at.unknown() {
		d.Text, d.Guessed = indented(body), true
		d.Fault(request.Unprocessable("message is missing or empty: send its text"), "no field of the JSON is known as a text: all of it was stored; %s", aboutBodies)
	}
}

func nameForeign(object loose, d *manage.Draft) {
	for _, key := range slices.Sorted(object.keys()) {
		if foreign(key) != "" {
			d.Fault(unknownField("field", key), "the field %s is not supported: the message was stored without it", key)
		}
	}
}

// loose is a JSON object whose fields may have any type, by their keys in lower case.
type loose map[string]json.RawMessage

func (o loose) keys() func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range o {
			if !yield(k) {
				return
			}
		}
	}
}

// unknown reports whether there is a field that no message has: it may be the text in the words of another system.
func (o loose) unknown() bool {
	for key, value := range o {
		if string(value) != "null" && !slices.Contains(knownKeys, key) && !slices.Contains(titleKeys, key) && key != "click" && foreign(key) == "" {
			return true
		}
	}
	return false
}

// foldKeys accepts our keys in any letter case.
func foldKeys(object map[string]json.RawMessage, d *manage.Draft) loose {
	out := loose{}
	for _, key := range slices.Sorted(loose(object).keys()) {
		low := strings.ToLower(key)
		if low != key && object[low] == nil && slices.Contains(knownKeys, low) {
			d.Fault(request.Unprocessable("the key %q must be written %q", key, low), "the key %q was read as %q", key, low)
		}
		if low == key || object[low] == nil {
			out[low] = object[key]
		}
	}
	return out
}

var knownKeys = []string{"message", "title", "priority", "tags", "markdown", "url", "url_title", "actions"}

// text is a field as a text: a text, a number or a truth value. Another type is left out.
func (o loose) text(key string, d *manage.Draft) (string, bool) {
	raw, there := o[key]
	if !there || string(raw) == "null" {
		return "", false
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case float64, bool:
		if key == "message" || key == "title" || key == "url" || key == "url_title" {
			d.Fault(request.Unprocessable("%s must be a string", key), "%s was not a text: it was read as one", key)
		}
		return string(raw), true
	}
	if key == "message" {
		d.Fault(request.Unprocessable("message must be a string"), "message was not a text: its JSON was stored; %s", aboutBodies)
		return indented(raw), true
	}
	expected := "a text"
	switch key {
	case "tags", "actions":
		expected = "a list"
	case "priority":
		expected = "a number"
	case "markdown":
		expected = "true or false"
	}
	d.Fault(request.Unprocessable("%s must be %s", key, expected), "%s was left out: it is not %s", key, expected)
	return "", false
}

// first is the first of some fields that is a text.
func (o loose) first(keys []string, as string, d *manage.Draft) string {
	for _, key := range keys {
		var s string
		if json.Unmarshal(o[key], &s) == nil && s != "" {
			d.Fault(request.Unprocessable("%s is missing or empty: send its text", as), "the field %s was taken as the %s; %s", key, as, aboutBodies)
			return s
		}
	}
	return ""
}

func (o loose) tags(d *manage.Draft) []string {
	raw, there := o["tags"]
	if !there || string(raw) == "null" {
		return nil
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		text, ok := o.text("tags", d)
		if ok && text != "" {
			d.Fault(request.Unprocessable("tags must be a list"), "tags was not a list: it was split at its commas")
		}
		return strings.Split(text, ",")
	}
	var tags []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			tags = append(tags, v)
		case float64, bool:
			d.Fault(request.Unprocessable("each of tags must be a string"), "a tag was not a text: it was read as one")
			tags = append(tags, fmt.Sprint(v))
		default:
			d.Fault(request.Unprocessable("each of tags must be a string"), "a tag was left out: it is not a text")
		}
	}
	return tags
}

// actions reads the buttons. Options that stand beside type, label and url are taken for those of the button.
func (o loose) actions(d *manage.Draft) []db.Action {
	raw, there := o["actions"]
	if !there || string(raw) == "null" {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		if text, ok := o.text("actions", d); ok {
			d.Buttons = text
		}
		return nil
	}
	actions := []db.Action{}
	for _, one := range list {
		var fields map[string]json.RawMessage
		if json.Unmarshal(one, &fields) != nil {
			d.Fault(request.Unprocessable("each of actions must be an object"), "an action was left out: it is not an object")
			continue
		}
		var a db.Action
		for key, value := range fields {
			var s string
			switch {
			case key == "options":
				_ = json.Unmarshal(value, &a.Options) // what is no text is judged as missing
			case json.Unmarshal(value, &s) != nil:
				d.Fault(request.Unprocessable("an action's %.40s must be a string", key), "the %.40s of an action was left out: it is not a text", key)
			case key == "type":
				a.Type = s
			case key == "label":
				a.Label = s
			case key == "url":
				a.URL = s
			default:
				if a.Options == nil {
					a.Options = map[string]string{}
				}
				a.Options[key] = s
			}
		}
		actions = append(actions, a)
	}
	return actions
}
