package web

import (
	"maps"
	"net/url"
	"slices"

	"github.com/a-h/templ"
)

// Search is what a reader asked to see of a topic.
type Search struct {
	Text, Tag, Priority, From, To string // dates as 2006-01-02
	Topic                         string // in a feed of several: only this one
	Sender                        string // name or id
	Unread                        bool   // in a feed of several: only what the reader has not seen
	Before                        string // id; messages older than it
	After                         string // id; the messages that came next after it
}

// Active reports whether anything narrows the list.
func (s Search) Active() bool {
	return s.Text+s.Tag+s.Priority+s.From+s.To+s.Topic+s.Sender != "" || s.Unread
}

// Past reports whether the page shows a place of the past instead of the newest messages.
func (s Search) Past() bool { return s.Before+s.After != "" }

func (s Search) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": s.Text, "tag": s.Tag, "priority_min": s.Priority, "from": s.From, "to": s.To, "before": s.Before, "after": s.After, "topic": s.Topic, "sender": s.Sender} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if s.Unread {
		q.Set("unread", "1")
	}
	return q
}

// hiddenField is a field of a form that a reader does not see.
type hiddenField struct{ name, value string }

// fields are the filters as fields of a form.
func (s Search) fields() []hiddenField {
	s.Before, s.After = "", ""
	q := s.query()
	var list []hiddenField
	for _, name := range slices.Sorted(maps.Keys(q)) {
		list = append(list, hiddenField{name, q.Get(name)})
	}
	return list
}

// toggled is a value, or none where it is set already.
func toggled(now, value string) string {
	if now == value {
		return ""
	}
	return value
}

// MostCounted is where counting what is left out ends: a page says "10,000+" then.
const MostCounted = 10_000

func (t Topic) filtered(s Search) string {
	if q := s.query().Encode(); q != "" {
		return t.path() + "?" + q
	}
	return t.path()
}

// Latest is the path of the page without a place to begin at.
func (t Topic) Latest() string { return t.with(func(*Search) {}) }

func (t Topic) older() string {
	s := t.Search
	s.Before, s.After = t.Next, ""
	if t.Search.After != "" && len(t.Messages) > 0 {
		s.Before = t.Messages[len(t.Messages)-1].ID
	}
	return t.filtered(s)
}

// firstPlace is before every message.
const firstPlace = "000000000001"

// newer is the path of the page with what came next after the messages of this one.
func (t Topic) newer() string {
	s := t.Search
	s.Before, s.After = "", firstPlace
	if len(t.Messages) > 0 {
		s.After = t.Messages[0].ID
	}
	return t.filtered(s)
}

func (t Topic) tagged(tag string) string { return t.with(func(s *Search) { s.Tag = tag }) }

// sentBy shows what one sender has sent.
func (t Topic) sentBy(name string) string { return t.with(func(s *Search) { s.Sender = name }) }

// titled shows the messages that say the same in their title.
func (t Topic) titled(title string) string { return t.filtered(Search{Text: title}) }

// with is the path of the page with one filter set anew, from its beginning.
func (t Topic) with(change func(*Search)) string {
	s := t.Search
	s.Before, s.After = "", ""
	change(&s)
	return t.filtered(s)
}

// hits is how many messages a search has found.
func (t Topic) hits() string {
	one, many := "message", "messages"
	if t.Search.Text != "" {
		one, many = "hit", "hits"
	}
	if t.HitsMore {
		return Number(t.Hits) + "+ " + many
	}
	return Plural(t.Hits, one, many)
}

// chips are the active filters, each with the path of the page without it.
func (t Topic) chips() []Tab {
	var list []Tab
	add := func(value, name string, clear func(*Search)) {
		if value != "" {
			list = append(list, Tab{Name: name, Path: t.with(clear)})
		}
	}
	s := t.Search
	add(s.Text, "\""+s.Text+"\"", func(s *Search) { s.Text = "" })
	add(s.Topic, "Topic: "+s.Topic, func(s *Search) { s.Topic = "" })
	add(s.Sender, "From: "+s.Sender, func(s *Search) { s.Sender = "" })
	add(s.Tag, "Tag: "+s.Tag, func(s *Search) { s.Tag = "" })
	add(s.Priority, "Priority: "+minPriority(s.Priority).label(), func(s *Search) { s.Priority = "" })
	add(s.From, "Since "+s.From, func(s *Search) { s.From = "" })
	add(s.To, "Until "+s.To, func(s *Search) { s.To = "" })
	return list
}

func searchField(id, label, kind, value string, attrs templ.Attributes) Field {
	return Field{ID: id, Type: kind, Value: value, Label: label, Attrs: attrs}
}

func topicChoice(t Topic) Choice {
	c := Choice{ID: "topic", Label: "Topic", Value: t.Search.Topic, Options: []Option{{Value: "", Label: "All"}}}
	for _, r := range t.Beside {
		c.Options = append(c.Options, Option{Value: r.Name, Label: r.title()})
	}
	return c
}

func senderChoice(t Topic) Choice {
	c := Choice{ID: "sender", Label: "Sender", Value: t.Search.Sender, Options: []Option{{Value: "", Label: "Any"}}}
	known := t.Search.Sender == ""
	for _, s := range t.Senders {
		c.Options = append(c.Options, Option{Value: s.Name, Label: s.Name})
		known = known || s.Name == t.Search.Sender
	}
	if !known {
		c.Options = append(c.Options, Option{Value: t.Search.Sender, Label: t.Search.Sender})
	}
	return c
}

// minPriority has an id of its own: the publish box on the same page has a priority too.
func minPriority(value string) Choice {
	return Choice{ID: "priority_min", Label: "Priority", Value: value, Options: []Option{{Value: "", Label: "Any"}, {Value: "5", Label: "Urgent only"},
		{Value: "4", Label: "High and above"}, {Value: "3", Label: "Default and above"}, {Value: "2", Label: "Low and above"}, {Value: "1", Label: "All"}}}
}
