package web

import (
	"context"
	"hash/fnv"
	"strconv"
)

// repeats says how a message stands among those that say the same. A page with script folds them into the newest; without
// script all are there.
type repeats struct {
	same     string // equal for messages that say the same
	count    int    // of the newest of several: how many there are
	from, to string // of the newest of several: the times of the oldest and of the newest
	folded   bool   // one of several, and not the newest
}

// group finds the messages of a day that follow each other and say the same.
func group(ctx context.Context, messages []Message) {
	for i := range messages {
		messages[i].repeats.same = messages[i].same()
	}
	for from := 0; from < len(messages); {
		to := from + 1
		for to < len(messages) && messages[to].repeats.same == messages[from].repeats.same {
			messages[to].repeats.folded = true
			to++
		}
		if n := to - from; n > 1 {
			r := &messages[from].repeats
			r.count, r.from, r.to = n, Clock(ctx, messages[to-1].At), Clock(ctx, messages[from].At)
		}
		from = to
	}
}

// same is a hash of all that makes two messages repeats of each other: topic, title, text, priority and sender.
func (m *Message) same() string {
	h := fnv.New64a()
	parts := []string{strconv.FormatInt(m.TopicID, 10), m.Title, m.Text, strconv.Itoa(m.Priority)}
	if m.Sender != nil {
		parts = append(parts, m.Sender.Kind, m.Sender.Name)
	}
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

func between(from, to string) string {
	if from == to {
		return "At " + from
	}
	return "Between " + from + " and " + to
}

// senderIcon is the sign of a kind of sender.
func senderIcon(kind string) string {
	if kind == "account" {
		return "user"
	}
	return "key"
}

func sentTitle(s *Sender) string {
	switch s.Kind {
	case "token":
		return "Sent with the token " + s.Name
	case "key":
		return "Sent with the API key " + s.Name
	}
	return "Sent by " + s.Name
}

// tagsOf are the tags of messages, for a menu: at most eight.
func tagsOf(messages []Message) []string {
	var list []string
	seen := map[string]bool{}
	for _, m := range messages {
		for _, t := range m.Tags {
			if !seen[t] && len(list) < 8 {
				seen[t] = true
				list = append(list, t)
			}
		}
	}
	return list
}
