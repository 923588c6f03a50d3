package jsonbody

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"notifer/db"
	"notifer/server/manage"
	"notifer/server/request"
)

// UnsupportedNames are fields of other systems that would change when or whether a message arrives.
var UnsupportedNames = []string{"email", "call", "attach", "delay", "at", "in", "filename"}

// Unsupported reports whether a name, in lower case, is that of such a field, which is never dropped in silence.
func Unsupported(name string) bool { return slices.Contains(UnsupportedNames, name) }

// UnknownField is the strict refusal of a field of some kind, such as a query field, that no message has.
func UnknownField(kind, name string) error {
	return request.BadRequest("the %s %.40q is unknown: leave it out", kind, strings.ToValidUTF8(name, "?"))
}

// Meant is the field that senders mean by a name, in lower case, that they guessed; empty for other names.
func Meant(name string) string { return misnamed[name] }

// misnamed are names that senders guess for a field, with the one that is meant.
var misnamed = map[string]string{"tag": "tags", "prio": "priority", "link": "url", "click": "url", "titel": "title", "subject": "title", "name": "title"}

// nameUnread says which fields of other systems, beside those that were read, the message does not have.
func nameUnread(object lenientObject, read []string, d *manage.Draft) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		switch meant := misnamed[key]; {
		case object.empty(key) || slices.Contains(read, key):
		case meant != "":
			d.Fault(UnknownField("field", key), "the field %s is unknown: the message was stored without it; did you mean %s?", key, meant)
		case Unsupported(key):
			d.Fault(UnknownField("field", key), "the field %s is not supported: the message was stored without it", key)
		}
	}
}

// lenientObject is a JSON object whose fields may have any type, by their keys in lower case.
type lenientObject map[string]json.RawMessage

// empty reports whether a field says nothing.
func (o lenientObject) empty(key string) bool {
	switch strings.TrimSpace(string(o[key])) {
	case "", "null", `""`, "[]", "{}", "false", "0":
		return true
	}
	return false
}

// unknown reports whether there is a field that no message has: it may be the text in the words of another system.
func (o lenientObject) unknown() bool {
	for key, value := range o {
		if string(value) != "null" && string(value) != `""` && !slices.Contains(knownKeys, key) && !slices.Contains(titleKeys, key) && key != "click" && !Unsupported(key) {
			return true
		}
	}
	return false
}

// ignoredKeys are fields of other systems that say nothing to a reader.
var ignoredKeys = []string{"topic", "token", "id", "appid", "date", "time", "timestamp", "expires", "event", "extras", "icon", "cache", "firebase", "sequence_id", "user",
	"device", "sound", "html", "retry", "expire", "ttl", "version", "type"}

// nameLost warns of the fields of an object that no message has, but for one that was read, where the message is stored without them.
func nameLost(object lenientObject, read string, d *manage.Draft) {
	var lost []string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		low := strings.ToLower(key)
		if key == read || object.empty(key) || slices.Contains(knownKeys, low) || slices.Contains(ignoredKeys, low) || misnamed[low] != "" || Unsupported(low) {
			continue
		}
		var s string
		if json.Unmarshal(object[key], &s) == nil && (manage.Blank(s) || s == d.Text || s == d.Title) {
			continue
		}
		lost = append(lost, shortKey(key))
	}
	if len(lost) == 0 {
		return
	}
	const most = 5
	var quoted []string
	for _, key := range lost[:min(len(lost), most)] {
		quoted = append(quoted, strconv.Quote(key))
	}
	names, refusal := strings.Join(quoted, ", "), UnknownField("field", lost[0])
	switch n := len(lost); {
	case n == 1:
		d.Fault(refusal, "the field %s is unknown: the message was stored without it", names)
	case n > most:
		d.Fault(refusal, "%d fields are unknown, such as %s: the message was stored without them; %s", n, names, AboutWebhooks)
	default:
		d.Fault(refusal, "the fields %s are unknown: the message was stored without them; %s", names, AboutWebhooks)
	}
}

func shortKey(key string) string { return strings.ToValidUTF8(key[:min(len(key), 40)], "") }

// foldKeys accepts our keys in any letter case.
func foldKeys(object map[string]json.RawMessage, d *manage.Draft) lenientObject {
	out := lenientObject{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		low := strings.ToLower(key)
		if low != key && object[low] == nil && slices.Contains(knownKeys, low) {
			d.Fault(request.Unprocessable("the key %q must be written %q", key, low), "the key %q was read as %q", key, low)
		}
		if low == key || object[low] == nil {
			out[low] = object[key]
		} else if slices.Contains(knownKeys, low) && !lenientObject(object).empty(key) {
			d.Fault(request.Unprocessable("the key %q must be written %q", key, low), "the key %q was left out: %q is there too", key, low)
		}
	}
	return out
}

var knownKeys = []string{"message", "title", "priority", "tags", "markdown", "url", "url_title", "actions"}

// text is a field as a text: a text, a number or a truth value. Another type is left out.
func (o lenientObject) text(key string, d *manage.Draft) (string, bool) {
	raw, there := o[key]
	if !there || string(raw) == "null" {
		return "", false
	}
	var v any
	if err := decodeNumbers(raw, &v); err != nil {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number, bool:
		if key == "message" || key == "title" || key == "url" || key == "click" || key == "url_title" {
			d.Fault(request.Unprocessable("%s must be a string", key), "%s was not a text: it was read as one", key)
		}
		return string(raw), true
	}
	if lines := linesOf(v); lines != "" && (key == "message" || key == "title") {
		d.Fault(request.Unprocessable("%s must be a string", key), "%s was a list: its texts were joined", key)
		return lines, true
	}
	if key == "message" {
		d.Fault(request.Unprocessable("message must be a string"), "message was not a text: its JSON was stored; %s", AboutBodies)
		return withHeadline(raw, v), true
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

// linesOf are the texts of a list as lines, empty for anything else.
func linesOf(v any) string {
	list, _ := v.([]any)
	lines := make([]string, 0, len(list))
	for _, v := range list {
		s, isText := v.(string)
		if !isText {
			return ""
		}
		lines = append(lines, s)
	}
	return strings.Join(lines, "\n")
}

// decodeNumbers decodes JSON with its numbers as they are written: no float64 holds all of them, nor the way they are written.
func decodeNumbers(raw json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

// first is the first of some fields that is a text.
func (o lenientObject) first(keys []string, as string, d *manage.Draft) string {
	for _, key := range keys {
		var s string
		if json.Unmarshal(o[key], &s) == nil && s != "" {
			d.Fault(request.Unprocessable("%s is missing or empty: send its text", as), "the field %s was taken as the %s; %s", key, as, AboutBodies)
			return s
		}
	}
	return ""
}

func (o lenientObject) tags(d *manage.Draft) []string {
	raw, there := o["tags"]
	if !there || string(raw) == "null" {
		return nil
	}
	var list []any
	if decodeNumbers(raw, &list) != nil {
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
		case json.Number, bool:
			d.Fault(request.Unprocessable("each of tags must be a string"), "a tag was not a text: it was read as one")
			tags = append(tags, fmt.Sprint(v))
		default:
			d.Fault(request.Unprocessable("each of tags must be a string"), "a tag was left out: it is not a text")
		}
	}
	return tags
}

// actions reads the buttons. Fields beside type, label, url and options are taken as options.
func (o lenientObject) actions(d *manage.Draft) []db.Action {
	raw, there := o["actions"]
	if !there || string(raw) == "null" {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		if text, ok := o.text("actions", d); ok {
			FillButtons(text, d)
		}
		return d.Actions
	}
	actions := []db.Action{}
	for _, one := range list {
		var fields map[string]json.RawMessage
		if json.Unmarshal(one, &fields) != nil {
			d.Fault(request.Unprocessable("each of actions must be an object"), "an action was left out: it is not an object")
			continue
		}
		var a db.Action
		for _, key := range slices.Sorted(maps.Keys(fields)) { // in one order, so that the warnings are
			var s string
			switch value := fields[key]; {
			case key == "options":
				_ = json.Unmarshal(value, &a.Options) // what is not text is judged as missing
			case json.Unmarshal(value, &s) != nil:
				d.Fault(request.Unprocessable("an action's %.40s must be a string", key), "the %.40s of an action was left out: it is not a text", key)
			case key == "type" || key == "action" && fields["type"] == nil:
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

// FillButtons reads buttons written as in X-Actions, or as a JSON list.
func FillButtons(text string, d *manage.Draft) {
	if list := []byte(strings.TrimSpace(text)); len(list) > 0 && list[0] == '[' && json.Valid(list) {
		d.Actions = append(d.Actions, lenientObject{"actions": list}.actions(d)...)
		return
	}
	d.Buttons += ";" + text
}

// fillExtras reads what Gotify's senders say in extras: that the text is Markdown, and what a press on it opens.
func (o lenientObject) fillExtras(d *manage.Draft) {
	var extras struct {
		Display struct {
			ContentType string `json:"contentType"`
		} `json:"client::display"`
		Notification struct {
			Click struct {
				URL string `json:"url"`
			} `json:"click"`
		} `json:"client::notification"`
	}
	_ = json.Unmarshal(o["extras"], &extras) // what has another form is not ours to read
	if d.Markdown == "" && extras.Display.ContentType == "text/markdown" {
		d.Markdown = "true"
	}
	if url := extras.Notification.Click.URL; d.URL == "" && url != "" {
		d.URL, d.As.URL = url, "the click URL in extras"
	}
}
