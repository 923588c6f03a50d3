package web

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
)

// Topic is one topic with the messages that fit its search.
type Topic struct {
	Inbox                              bool // the feed of all topics instead of one
	Name, Display, Description, Access string
	Owner                              string
	Manage                             bool // the reader may change the topic
	MayPublish                         bool
	Cursor                             string // id of the newest message when the page was made; a stream starts after it
	Messages                           []Message
	Next                               string // id that the next page starts before (a part: after); empty on the last
	Visited                            string // id of the newest message at the last visit; empty on the first
	Part                               bool   // only what comes after a message that the reader has
	Left                               int    // how many a part leaves out, up to MostCounted
	Search                             Search
	Publish                            Form // values: message, title, priority, tags
	PublishOpen                        bool
	Beside                             []TopicRow // the reader's topics, for the list next to the feed
}

// MostCounted is where counting what is left out ends: a page says "10,000+" then.
const MostCounted = 10_000

// Search is what a reader asked to see of a topic.
type Search struct {
	Text, Tag, Priority, From, To string // dates as 2006-01-02
	Topic                         string // in a feed of several: only this one
	Before                        string // id; messages older than it
}

// Message is one message as its page shows it.
type Message struct {
	ID          string
	TopicID     int64
	Topic       string // named in a feed of several topics
	New         bool   // the reader has not seen it yet
	At          time.Time
	Title, Text string
	Markdown    bool
	Priority    int
	Tags        []string
	Links       []Link // buttons that open an address
}

// Link is one button of a message.
type Link struct{ URL, Title string }

func (t Topic) title() string {
	if t.Display != "" {
		return t.Display
	}
	return t.Name
}

func (t Topic) path() string {
	if t.Inbox {
		return "/inbox"
	}
	return "/topic/" + t.Name
}

// home is the path of the topic that a message is of.
func (t Topic) home(m Message) string {
	if m.Topic != "" {
		return "/topic/" + m.Topic
	}
	return t.path()
}

// Active reports whether anything narrows the list.
func (s Search) Active() bool { return s.Text+s.Tag+s.Priority+s.From+s.To+s.Topic != "" }

func (s Search) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": s.Text, "tag": s.Tag, "priority_min": s.Priority, "from": s.From, "to": s.To, "before": s.Before, "topic": s.Topic} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (t Topic) filtered(s Search) string {
	if q := s.query().Encode(); q != "" {
		return t.path() + "?" + q
	}
	return t.path()
}

func (t Topic) older() string {
	s := t.Search
	s.Before = t.Next
	return t.filtered(s)
}

func (t Topic) tagged(tag string) string {
	s := t.Search
	s.Tag, s.Before = tag, ""
	return t.filtered(s)
}

// titled shows the messages that say the same in their title.
func (t Topic) titled(title string) string { return t.filtered(Search{Text: title}) }

// chips are the active filters, each with the path of the page without it.
func (t Topic) chips() []Tab {
	var list []Tab
	add := func(name string, without Search) {
		without.Before = ""
		list = append(list, Tab{Name: name, Path: t.filtered(without)})
	}
	s := t.Search
	if s.Text != "" {
		without := s
		without.Text = ""
		add("\""+s.Text+"\"", without)
	}
	if s.Topic != "" {
		without := s
		without.Topic = ""
		add("Topic: "+s.Topic, without)
	}
	if s.Tag != "" {
		without := s
		without.Tag = ""
		add("Tag: "+s.Tag, without)
	}
	if s.Priority != "" {
		without := s
		without.Priority = ""
		name := s.Priority
		for _, o := range minPriority("").Options {
			if o.Value == s.Priority {
				name = o.Label
			}
		}
		add("Priority: "+name, without)
	}
	if s.From != "" {
		without := s
		without.From = ""
		add("From "+s.From, without)
	}
	if s.To != "" {
		without := s
		without.To = ""
		add("To "+s.To, without)
	}
	return list
}

type day struct {
	key, name string
	messages  []Message
}

// days groups messages, newest first, under the days of the reader's zone.
func days(ctx context.Context, messages []Message) []day {
	var out []day
	for _, m := range messages {
		key := dayKey(ctx, m.At)
		if len(out) == 0 || out[len(out)-1].key != key {
			out = append(out, day{key: key, name: dayName(ctx, m.At)})
		}
		last := &out[len(out)-1]
		last.messages = append(last.messages, m)
	}
	return out
}

var priorities = [...]string{1: "Min", 2: "Low", 3: "Default", 4: "High", 5: "Urgent"}

func priorityName(p int) string {
	if p < 1 || p >= len(priorities) {
		return strconv.Itoa(p)
	}
	return priorities[p]
}

func priorityChoice(id, value string) Choice {
	c := Choice{ID: id, Label: "Priority", Value: value}
	for p := 5; p >= 1; p-- {
		c.Options = append(c.Options, Option{Value: strconv.Itoa(p), Label: priorities[p]})
	}
	return c
}

func searchField(id, label, kind, value string, attrs templ.Attributes) Field {
	return Field{ID: id, Type: kind, Value: value, Label: label, Attrs: attrs}
}

func publishPriority(f Form) string {
	if p := f.Value("priority"); p != "" {
		return p
	}
	return "3"
}

// minPriority has an id of its own: the publish box on the same page has a priority too.
func minPriority(value string) Choice {
	return Choice{ID: "priority_min", Label: "Priority", Value: value, Options: []Option{{Value: "", Label: "Any"}, {Value: "5", Label: "Urgent only"},
		{Value: "4", Label: "High and above"}, {Value: "3", Label: "Default and above"}, {Value: "2", Label: "Low and above"}, {Value: "1", Label: "All"}}}
}
