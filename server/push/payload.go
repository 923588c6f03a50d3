package push

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/plaintext"
)

// payload is what a device is handed, in the declarative form: where a browser knows it, the notification is shown even when
// the worker is not running; elsewhere our worker reads the same fields.
type payload struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
}

type notification struct {
	Title    string   `json:"title"`
	Body     string   `json:"body,omitempty"`
	Navigate string   `json:"navigate"`
	Tag      string   `json:"tag"`
	Silent   bool     `json:"silent,omitempty"`
	Insist   bool     `json:"requireInteraction,omitempty"`
	At       int64    `json:"timestamp"`
	Data     data     `json:"data"`
	Buttons  []button `json:"actions,omitempty"`
}

// button opens a link of the message. Navigate is for the declarative form, which needs no worker.
type button struct {
	Action   string `json:"action"`
	Title    string `json:"title"`
	Navigate string `json:"navigate"`
}

type data struct {
	Topic    string `json:"topic"`
	ID       string `json:"id"`
	Priority int    `json:"priority"`
}

// encode writes a message as a push of at most most bytes. A text that is cut can be read whole at its link.
func encode(m *db.Message, topic, base string, most int) []byte {
	n := notification{Title: m.Title, Body: m.Body, Navigate: base + "/topic/" + topic + "#m-" + m.ID.String(), Tag: slot(m),
		Silent: m.Priority <= 2, Insist: m.Priority == 5, At: m.At.UnixMilli(), Data: data{topic, m.ID.String(), m.Priority}}
	if n.Title == "" {
		n.Title = topic
	}
	n.Title, n.Body, n.Buttons = cut(n.Title, 500), cut(upright.Replace(n.Body), 3000), buttons(m.Extras(), most/8)
	for {
		text, err := json.Marshal(payload{8030, n})
		switch {
		case err == nil && len(text) <= most:
			return text
		case n.Body != "":
			n.Body = shorter(n.Body)
		case n.Buttons != nil:
			n.Buttons = nil // they are on the page
		case len(n.Title) > 10:
			n.Title = shorter(n.Title)
		default:
			return text // its URL alone is too long
		}
	}
}

// mostButtons is how many buttons notifications have where they have any.
const mostButtons = 2

// buttons are the links of a message that a browser can open from a notification. One that is too long is on the page only.
func buttons(e db.Extras, longest int) []button {
	links := append([]db.Action{{Type: "view", URL: e.URL, Label: e.URLTitle}}, e.Actions...)
	var list []button
	for _, a := range links {
		u, err := url.Parse(a.URL)
		if err != nil || a.Type != "view" || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(a.URL) > longest || len(list) == mostButtons {
			continue
		}
		list = append(list, button{strconv.Itoa(len(list)), cut(upright.Replace(cmp.Or(a.Label, u.Host)), 60), u.String()})
	}
	return list
}

// upright takes out the characters that turn the text behind them around.
var upright = strings.NewReplacer("\u202d", "", "\u202e", "")

// shorter is about three quarters of a text; empty where that would be nothing but an ellipsis.
func shorter(s string) string {
	out := cut(s, len(s)*3/4)
	if len(out) >= len(s) {
		return ""
	}
	return out
}

// slot is what a notification is known by: the next one with the same takes its place, on the device and on its way there. Messages
// with a key share one, so that what is resolved replaces what was wrong.
func slot(m *db.Message) string {
	key := m.Extras().Key
	if key == "" {
		return m.ID.String()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", m.TopicID, key))
	return base64.RawURLEncoding.EncodeToString(sum[:21]) // 28 characters of the 32 that RFC 8030 allows
}

// cut shortens a text to at most n bytes and an ellipsis. What a reader sees as one character, such as a flag, is not cut.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = len(plaintext.Cut(s, n))
	for n > 0 && joined(s[:n], s[n:]) {
		_, size := utf8.DecodeLastRuneInString(s[:n])
		n -= size
	}
	return s[:n] + "…"
}

const joiner = '\u200d'

// joined reports whether the last character before a place and the first one behind it are drawn as one.
func joined(before, behind string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(behind)
	if regional(first) {
		flags := 0
		for before != "" {
			r, size := utf8.DecodeLastRuneInString(before)
			if !regional(r) {
				break
			}
			flags++
			before = before[:len(before)-size]
		}
		return flags%2 == 1
	}
	tag := first >= 0xe0020 && first <= 0xe007f // which spell the flag of a region, such as Scotland's
	return tag || last == joiner || first == joiner || first >= 0x1f3fb && first <= 0x1f3ff || unicode.In(first, unicode.Mn, unicode.Me, unicode.Mc)
}

// regional reports whether two of these letters make a flag.
func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// ttl is how many seconds a push service keeps a message for a device that is off, and urgency whether it wakes it for it.
func ttl(priority int) string {
	keep := [...]time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}
	return strconv.Itoa(int(keep[min(max(priority, 1), 5)-1] / time.Second))
}

func urgency(priority int) string {
	return [...]string{"very-low", "low", "normal", "high", "high"}[min(max(priority, 1), 5)-1]
}
