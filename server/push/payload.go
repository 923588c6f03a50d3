package push

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"notifer/db"
)

// payload is what a device is handed, in the declarative form: where a browser knows it, the notification is shown even when
// the worker is not running; elsewhere our worker reads the same fields.
type payload struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
}

type notification struct {
	Title    string `json:"title"`
	Body     string `json:"body,omitempty"`
	Navigate string `json:"navigate"`
	Tag      string `json:"tag"`
	Silent   bool   `json:"silent,omitempty"`
	Insist   bool   `json:"requireInteraction,omitempty"`
	At       int64  `json:"timestamp"`
	Data     data   `json:"data"`
}

type data struct {
	Topic    string `json:"topic"`
	ID       string `json:"id"`
	Priority int    `json:"priority"`
}

// encode writes a message as a push, with its text cut to what fits: the whole stands behind the link.
func encode(m *db.Message, topic, base string) []byte {
	n := notification{Title: m.Title, Body: m.Body, Navigate: base + "/topic/" + topic + "#m-" + m.ID.String(), Tag: m.ID.String(),
		Silent: m.Priority <= 2, Insist: m.Priority == 5, At: m.At.UnixMilli(), Data: data{topic, m.ID.String(), m.Priority}}
	if n.Title == "" {
		n.Title = topic
	}
	n.Title, n.Body = cut(n.Title, 500), cut(n.Body, 3000)
	for {
		text, err := json.Marshal(payload{8030, n})
		if err == nil && len(text) <= MaxPayload {
			return text
		}
		n.Body = cut(n.Body, len(n.Body)*3/4)
		if n.Body == "…" {
			n.Body, n.Title = "", cut(n.Title, len(n.Title)/2)
		}
	}
}

// cut shortens a text to about n bytes, at a character, with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// ttl is how many seconds a push service keeps a message for a device that is off, and urgency whether it wakes it for it.
func ttl(priority int) string {
	keep := [...]time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}
	return strconv.Itoa(int(keep[min(max(priority, 1), 5)-1] / time.Second))
}

func urgency(priority int) string {
	return [...]string{"very-low", "low", "normal", "high", "high"}[min(max(priority, 1), 5)-1]
}
