package wire

import (
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"

	"notifer/db"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/server/wire/jsonbody"
	"notifer/server/wire/signature"
)

// received is what a body holds beside the first message.
type received struct {
	more       []*manage.Draft
	signed     signature.Delivery
	foreign    bool   // JSON that is more than a message of ours
	shaped     bool   // the drafts come from a shape: what is cleaned in their side fields is not a flaw of the sender
	mayRestate bool   // some of them may say again what is known: package alertgroups
	answer     string // what the sender wants to hear where it is not our JSON
	kept       []byte // the payload of a program, for the page of the token that it came with; nil: none
	kind       string // its content type
}

// shapes apply what server/shape knows to bodies.
type shapes struct {
	turns chan struct{} // bounds the bodies that are decoded at a time: JSON takes many times the memory of its text

	mu   sync.Mutex
	sets map[string]*shape.Set // compiled templates of tokens by their text
}

// maxSets bounds the templates that are kept compiled.
const maxSets = 200

func newShapes() *shapes {
	return &shapes{turns: make(chan struct{}, runtime.GOMAXPROCS(0)), sets: map[string]*shape.Set{}}
}

// set is the compiled form of a token's own templates.
func (s *shapes) set(text string) (*shape.Set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if set := s.sets[text]; set != nil {
		return set, nil
	}
	t, err := manage.ReadTemplates(text)
	if err != nil {
		return nil, err
	}
	set, err := t.Compile()
	if err != nil {
		return nil, err
	}
	if len(s.sets) >= maxSets {
		clear(s.sets)
	}
	s.sets[text] = set
	return set, nil
}

// keepPayload keeps the payload of a program, of which these messages were made, for the page of the token that it came with.
func (w *Wire) keepPayload(c *request.Call, r received, first *db.Message, more []*db.Message) {
	t := c.Who.Token()
	if t == nil || r.kept == nil || len(r.kept) > shape.RecentRead {
		return
	}
	last := first.ID
	for _, m := range more {
		last = max(last, m.ID)
	}
	text := decodeText(r.kept, r.kind, &manage.Draft{}) // whose faults are noted already
	w.shapes.turns <- struct{}{}
	defer func() { <-w.shapes.turns }()
	w.site.Payloads.Keep(t.ID, shape.Sample{At: first.At, Body: text, Form: isForm(r.kind), Headers: c.R.Header, Topic: first.TopicID,
		First: int64(first.ID), Last: int64(last)})
}

func isForm(contentType string) bool {
	return strings.HasPrefix(contentType, request.TypeForm)
}

// hasMore reports whether a message of ours seems to have further fields, which a template could use. It counts instead of reading.
func hasMore(text string, d *manage.Draft) bool {
	known := 1
	for _, set := range [...]bool{d.Title != "", d.Priority != "", d.Markdown != "", d.URL != "", d.URLTitle != "", d.Tags != nil} {
		if set {
			known++
		}
	}
	return len(d.Actions) == 0 && strings.Count(text, `":`) > known
}

// isObject reports whether a text looks like a JSON object or list, whatever its sender calls it.
func isObject(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[{")
}

// shapeOf is the shape of the token that a request comes with, if one was chosen. A form that is sent to Gotify is always one of fields.
func shapeOf(c *request.Call) string {
	if t := c.Who.Token(); t != nil && t.Shape != shape.None {
		return t.Shape
	}
	if isGotify(c) && isForm(c.R.Header.Get("Content-Type")) {
		return shape.Form
	}
	return shape.None
}

// recognise finds the shape of a body by its headers, or by the fields of its JSON.
func recognise(c *request.Call, text string) *shape.Shape {
	return shape.RecogniseText(text, c.R.Header.Get)
}

// recognisedText finds the shape of a body that does not say that it is JSON: a form that a header names or whose payload is known,
// since whatever curl -d sends says that it is a form, or JSON all the same, as Diun sends it. as is the content type to read it by.
func recognisedText(c *request.Call, text, contentType string) (s *shape.Shape, as string) {
	switch {
	case isObject(text):
		return recognise(c, text), request.TypeJSON
	case !isForm(contentType):
		return nil, ""
	case len(c.R.Header["X-Github-Event"]) > 0:
		return recognise(c, ""), contentType
	case strings.HasPrefix(text, "payload="):
		if values, err := url.ParseQuery(text); err == nil && len(values) == 1 {
			return recognise(c, shape.FormPayload(values)), contentType
		}
	}
	return nil, ""
}

// readShaped makes drafts of a body by the shape that was chosen for the token. A body that does not fit is read as if none had been
// chosen.
func (w *Wire) readShaped(c *request.Call, id, text, contentType string, d *manage.Draft) (received, bool) {
	apply, name, s := w.applier(c, id)
	if apply == nil {
		return received{}, false
	}
	got, err := w.apply(apply, c, text, contentType)
	if err != nil {
		d.Fault(request.Unprocessable("the body does not fit the shape %s: %s", name, err),
			"the body does not fit the shape %s, so it was stored as it is: %s; %s", name, err, jsonbody.AboutWebhooks)
		return received{}, false
	}
	return fillShaped(got, s, d), true
}

// readRecognised does the same with a shape that the body was recognised by.
func (w *Wire) readRecognised(c *request.Call, s *shape.Shape, text, contentType string, d *manage.Draft) (received, bool) {
	got, err := w.apply(s.Apply, c, text, contentType)
	if err != nil {
		return received{}, false
	}
	return fillShaped(got, s, d), true
}

// applier is what makes messages of a body; its shape is nil where the token has templates of its own.
func (w *Wire) applier(c *request.Call, id string) (apply func(shape.Payload) ([]shape.Message, error), name string, s *shape.Shape) {
	if id == shape.Custom {
		set, err := w.shapes.set(c.Who.Token().Template)
		if err != nil {
			return nil, "", nil
		}
		return set.Apply, "of this token", nil
	}
	if s = shape.ByID(id); s == nil { // of a newer version
		return nil, "", nil
	}
	return s.Apply, s.Name, s
}

func (w *Wire) apply(apply func(shape.Payload) ([]shape.Message, error), c *request.Call, text, contentType string) ([]shape.Message, error) {
	w.shapes.turns <- struct{}{}
	defer func() { <-w.shapes.turns }()
	value, err := shape.Read(text, isForm(contentType))
	if err != nil {
		return nil, err
	}
	return apply(shape.Payload{Value: value, Header: func(name string) string { return headerText(c.R.Header.Get(name)) }})
}

func fillShaped(got []shape.Message, s *shape.Shape, d *manage.Draft) received {
	r := received{shaped: true}
	if s != nil {
		r.mayRestate, r.answer = s.Repeats != "", s.Answer
	}
	for i, m := range got {
		if i == 0 {
			d.Shaped(m)
			continue
		}
		next := &manage.Draft{} // a variable for both would put every draft of a publish on the heap
		next.Shaped(m)
		r.more = append(r.more, next)
	}
	return r
}

// message makes the message of one draft.
func (w *Wire) message(side *sideFields, d *manage.Draft, model bool) (*db.Message, error) {
	side.fill(d)
	known := len(d.Faults)
	m, err := d.Message(w.site.MessageBytes())
	if model {
		kept := d.Faults[:known]
		for _, f := range d.Faults[known:] {
			if isCut(f) {
				kept = append(kept, f)
			}
		}
		d.Faults = kept
	}
	return m, err
}

// isCut reports whether a flaw is that of a text too long.
func isCut(f manage.Fault) bool { return strings.HasPrefix(f.Warning, "the message was cut") }

// messages makes those of the drafts that follow the first, whose faults get that one of them was cut. What else is wrong with them is
// what is wrong with the first: it is in the fields that they share.
func (w *Wire) messages(side *sideFields, first *manage.Draft, r received) ([]*db.Message, error) {
	if len(r.more) == 0 {
		return nil, nil
	}
	list := make([]*db.Message, len(r.more))
	for i, d := range r.more {
		m, err := w.message(side, d, r.shaped)
		if err != nil {
			return nil, err
		}
		if cut := slices.IndexFunc(d.Faults, isCut); cut >= 0 && !slices.ContainsFunc(first.Faults, isCut) {
			first.Faults = append(first.Faults, d.Faults[cut])
		}
		list[i] = m
	}
	return list, nil
}
