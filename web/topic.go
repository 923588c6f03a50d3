package web

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Topic is one topic with the messages that fit its search.
type Topic struct {
	Inbox                              bool // the feed of all topics instead of one
	Name, Display, Description, Access string
	Sign                               Sign
	Manage                             bool // the reader may change the topic
	MayPublish                         bool
	Cursor                             string // id of the newest message when the page was made; a stream starts after it
	Messages                           []Message
	Next                               string   // id that the next page starts before (a part: after); empty on the last
	Visited                            string   // id of the newest message at the last visit; empty on the first
	Part                               bool     // only what comes after a message that the reader has
	Left                               int      // how many a part leaves out, up to MostCounted
	LeftMore                           bool     // there may be more than Left
	Hits                               int      // how many messages fit an active search, up to MostCounted
	HitsMore                           bool     // there may be more than Hits
	Unread                             int      // in a feed of several topics
	Day                                string   // as 2006-01-02: the day that was jumped to
	Senders                            []Sender // to choose from, for those who may manage the topic
	Tokens                             int      // that are live, counted while there is no message
	IDs                                []string // of a list of what there is
	Search                             Search
	Publish                            Form // values: message, title, priority, tags
	PublishOpen                        bool
	MessageBytes                       int        // of the longest message; no character takes less than one
	Beside                             []TopicRow // the reader's topics, for the list next to the feed
}

// longest is the maxlength of the message: the server refuses what is longer in bytes.
func (v *Topic) longest() string { return strconv.Itoa(v.MessageBytes) }

// MostBeside is how many topics stand next to a feed; where there are as many, the list of all of them is a link away.
const MostBeside = 30

// beside are the topics next to the feed: those to look at first and the open one. Their order is that of their newest messages, so that
// reading one moves none.
func (v *Topic) beside() []TopicRow {
	var rows []TopicRow
	for i, r := range v.Beside {
		if i < MostBeside || r.Name == v.Name {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b TopicRow) int {
		if a.Pinned != b.Pinned {
			if a.Pinned {
				return -1
			}
			return 1
		}
		return b.LastAt.Compare(a.LastAt)
	})
	return rows
}

// Sender is who sent a message: a token, a key or an account.
type Sender struct{ Kind, Name string }

// Message is one message as its page shows it.
type Message struct {
	ID          string
	TopicID     int64
	Topic       string // named in a feed of several topics
	Sign        Sign   // of the topic, in a feed of several
	New         bool   // the reader has not seen it yet
	At          time.Time
	Title, Text string
	Markdown    bool
	Priority    int
	Tags        []string
	Links       []Link  // buttons that open an address
	Sender      *Sender // nil when it is unknown, or not for this reader
	Alert       *Alert  // nil: the message has no key

	repeats repeats // set by days
}

// Alert is what a message with a key says of it, and what became of it since.
type Alert struct {
	Key      string // of this page
	Resolved bool
	Later    string // "", "Resolved later" or "Updated later"
}

func (a Alert) status() string {
	switch {
	case a.Later != "":
		return a.Later
	case a.Resolved:
		return "Resolved"
	}
	return "Open"
}

func (a Alert) look() string {
	switch {
	case a.Later != "":
		return "badge"
	case a.Resolved:
		return "badge good"
	}
	return "badge bad"
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

type day struct {
	key, name, date string
	messages        []Message
}

// days groups messages, newest first, under the days of the reader's zone.
func days(ctx context.Context, messages []Message) []day {
	var out []day
	for _, m := range messages {
		key := DayKey(ctx, m.At)
		if len(out) == 0 || out[len(out)-1].key != key {
			out = append(out, day{key: key, name: dayName(ctx, m.At), date: dayDate(ctx, m.At)})
		}
		last := &out[len(out)-1]
		last.messages = append(last.messages, m)
	}
	for _, d := range out {
		group(ctx, d.messages)
	}
	return out
}

var priorities = [...]string{1: "Min", 2: "Low", 3: "Default", 4: "High", 5: "Urgent"}

// PriorityName is the word for a priority from 1 to 5, or any other number as digits.
func PriorityName(p int) string {
	if p < 1 || p >= len(priorities) {
		return strconv.Itoa(p)
	}
	return priorities[p]
}

// PriorityChoice is the choice of a priority, the highest first.
func PriorityChoice(id, value string) Choice {
	c := Choice{ID: id, Label: "Priority", Value: value}
	for p := 5; p >= 1; p-- {
		c.Options = append(c.Options, Option{Value: strconv.Itoa(p), Label: priorities[p]})
	}
	return c
}

func publishPriority(f Form) string {
	if p := f.Value("priority"); p != "" {
		return p
	}
	return "3"
}
