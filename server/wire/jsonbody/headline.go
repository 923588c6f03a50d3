package jsonbody

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
)

// headline is what a person would read first in the JSON of a program that is not known.
type headline struct {
	text, title, severity foundField
	over                  bool // it tells the end of a problem
}

// foundField is a field by its path.
type foundField struct{ path, text string }

// Names of fields, the likeliest first, without their underscores and hyphens. A name alone says too little further inside.
var (
	deepText = []string{"message", "text", "content", "body", "msg", "summary", "description", "details", "detail", "reason", "error",
		"output", "cause", "log", "alertmessage", "eventmessage", "eventmsg", "errormessage", "statusmessage"}
	deepTitle    = []string{"title", "subject", "headline", "alertname", "summary", "alerttitle", "eventtitle", "rulename", "monitorname"}
	deepSeverity = []string{"severity", "level", "urgency", "priority", "importance"}
	deepState    = []string{"status", "state", "eventaction"}
	ended        = []string{"resolved", "resolve", "recovered", "recovery", "ok", "closed", "cleared", "up", "healthy"}
)

// joiners stand between the words of a name.
var joiners = strings.NewReplacer("_", "", "-", "")

// Bounds of the search: what matters stands near the top, and the work stays small whatever is sent.
const (
	maxHeadlineDepth  = 5
	maxHeadlineValues = 2000
)

// place is a value in JSON, below the field of a name in the value above it. A path is only made of one that is named: thousands of them
// with long names in each would fill the memory.
type place struct {
	above *place
	key   string
	v     any
}

// path is that of a field of the value; nil is the outermost one.
func (p *place) path(key string) string {
	if p == nil || p.above == nil {
		return shortKey(key)
	}
	return p.above.path(p.key) + "." + shortKey(key)
}

// findHeadline looks through JSON from the outside in.
func findHeadline(v any) (h headline) {
	level, seen := []*place{{v: v}}, 0
	for depth := 0; depth < maxHeadlineDepth && len(level) > 0 && seen < maxHeadlineValues; depth++ {
		var next []*place
		for _, p := range level {
			switch v := p.v.(type) {
			case []any:
				if len(v) > 0 && len(next) < maxHeadlineValues {
					next = append(next, &place{p.above, p.key, v[0]})
				}
			case map[string]any:
				seen += len(v)
				h.look(p, v)
				for _, key := range slices.Sorted(maps.Keys(v)) {
					switch v[key].(type) {
					case map[string]any, []any:
						if len(next) < maxHeadlineValues {
							next = append(next, &place{p, key, v[key]})
						}
					}
				}
			}
		}
		level = next
	}
	return h
}

// look takes what is not known yet from one object.
func (h *headline) look(p *place, object map[string]any) {
	named := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		low := joiners.Replace(strings.ToLower(key))
		if _, there := named[low]; !there {
			named[low] = key
		}
	}
	find := func(to *foundField, names []string, fits func(string) bool) {
		for _, name := range names {
			if key, there := named[name]; there && to.text == "" {
				if s := scalar(object[key]); !manage.Blank(s) && fits(s) {
					*to = foundField{p.path(key), s}
				}
			}
		}
	}
	find(&h.text, deepText, func(string) bool { return true })
	find(&h.title, deepTitle, func(s string) bool { return s != h.text.text })
	find(&h.severity, deepSeverity, func(s string) bool { return shape.Severity(s) != "" })
	find(&h.severity, deepState, func(s string) bool { return shape.Severity(s) != "" || slices.Contains(ended, strings.ToLower(s)) })
	for _, name := range deepState {
		if key, there := named[name]; there {
			h.over = h.over || slices.Contains(ended, strings.ToLower(scalar(object[key])))
		}
	}
}

// scalar is a text or a number as a text; another value is nothing to read.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// fillHeadline gives a draft of which the text is not known what is found further inside of its JSON, and all of the JSON after it. The
// words of a foreign payload also tell its priority.
func fillHeadline(body []byte, foreign bool, d *manage.Draft) {
	var v any
	_ = decodeNumbers(body, &v) // it was decoded just before
	h := findHeadline(v)
	d.Text, d.Guessed = h.above(body), true
	if manage.Blank(d.Title) && h.title.text != "" {
		d.Title, d.As.Title = h.title.text, h.title.path
	}
	if foreign {
		h.fillPriority(d)
	}
}

// fillPriority takes the priority from the words of another system, where there is none.
func (h *headline) fillPriority(d *manage.Draft) {
	if d.Priority != "" || h.severity.text == "" && !h.over {
		return
	}
	d.Priority = shape.Severity(h.severity.text)
	if h.over {
		d.Priority = "2"
	}
	d.Fault(request.Unprocessable("priority must be a number"), "the priority was taken from %.60s; %s", h.severity.path, AboutWebhooks)
}

// headline is that of an object whose top level is known.
func (o lenientObject) headline() (h headline) {
	top := map[string]any{}
	for key, raw := range o {
		var v any
		if decodeNumbers(raw, &v) == nil {
			top[key] = v
		}
	}
	h.look(nil, top)
	return h
}

// above is JSON as people read it, after what says most of it.
func (h *headline) above(body []byte) string {
	if h.text.text == "" {
		return Indented(body)
	}
	return h.text.text + "\n\n" + Indented(body)
}

// withHeadline is a value that stands where a text belongs.
func withHeadline(raw json.RawMessage, v any) string {
	h := findHeadline(v)
	return h.above(raw)
}
