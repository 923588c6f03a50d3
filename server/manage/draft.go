package manage

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage/quoted"
	"notifer/server/plaintext"
	"notifer/server/shape"
)

// Draft is a message as its sender wrote it. Nothing in it has been judged yet, but all texts are valid UTF-8. An empty field
// was not sent.
type Draft struct {
	Guessed  bool // the text comes from a body that names no message
	Text     string
	Title    string
	Priority string
	Tags     []string
	Markdown string
	URL      string
	URLTitle string
	Buttons  string      // in the form of X-Actions
	Actions  []db.Action // beside Buttons
	Key      string      // what the message is about: one with the same key takes its place
	Resolved bool        // and it is over
	Since    time.Time   // when the alert began; zero where the payload does not say

	// As are the names of the fields as the sender wrote them; an empty one is the name in JSON.
	As struct{ Title, Priority, Markdown, URL, URLTitle string }

	// Unread is why there is no text although a body was sent. It refuses a message that has no title either.
	Unread error

	Faults []Fault
}

// Fault is a flaw of a draft: the refusal by strict publishing, and what is done about it otherwise.
type Fault struct {
	Refusal error
	Warning string
}

// Fault notes a flaw.
func (d *Draft) Fault(refusal error, format string, args ...any) {
	d.Faults = append(d.Faults, Fault{refusal, fmt.Sprintf(format, args...)})
}

// Message makes a message of a draft. What is wrong with a field is corrected and noted in Faults; only a draft without text and
// without title cannot become a message. The priority is 0 when none was named.
func (d *Draft) Message(most int) (*db.Message, error) {
	m := &db.Message{}
	m.Title = d.title()
	if m.Body = trimText(d.Text); plaintext.HasEscape(m.Body) {
		m.Body = d.withoutTerminal("message", m.Body)
	}
	if Blank(m.Body) {
		if m.Title == "" && d.Unread != nil {
			return nil, d.Unread
		} else if m.Title == "" {
			return nil, invalid("message", "the message is empty: send its text as the body")
		}
		m.Body, m.Title = m.Title, ""
	}
	m.HasTitle = m.Title != ""
	if len(m.Body) > most {
		d.Fault(&Error{Kind: auth.ErrTooLarge, Field: "message", Detail: fmt.Sprintf("the message is larger than %d bytes: send less", most)},
			"the message was cut to %d bytes", most)
		m.Body = cutText(m.Body, most)
	}
	if d.Priority != "" {
		m.Priority = d.priority()
	}
	if len(d.Tags) > 0 {
		m.Tags = d.tags()
	}
	if d.Key != "" || d.Markdown != "" || d.URL != "" || d.URLTitle != "" || d.Buttons != "" || len(d.Actions) > 0 {
		m.SetExtras(d.extras())
	}
	m.Since = d.Since
	return m, nil
}

// Blank reports whether a text has nothing to read: it is empty, or all of it is white space, control characters or invisible.
func Blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && (r < utf8.RuneSelf || !unicode.Is(unicode.Cf, r))
	}) < 0
}

// withoutTerminal is a text as a terminal would show it, without its colours. Output of programs often has them.
func (d *Draft) withoutTerminal(field, text string) string {
	plain := plaintext.WithoutTerminal(text)
	if plain != text {
		d.Fault(invalid(field, "the %s contains terminal codes: send plain text, such as with NO_COLOR=1", field), "terminal codes were removed from the %s", field)
	}
	return plain
}

// cutMark ends a text that was cut.
const cutMark = "\n[… cut here: the message was longer]"

func cutText(s string, most int) string {
	mark := cutMark
	if most < 2*len(mark) {
		mark = ""
	}
	return plaintext.Cut(s, most-len(mark)) + mark
}

func (d *Draft) title() string {
	if plaintext.HasEscape(d.Title) {
		d.Title = d.withoutTerminal("title", d.Title)
	}
	title, faults := judgeTitle(d.Title, cmp.Or(d.As.Title, "title"))
	d.Faults = append(d.Faults, faults...)
	return title
}

// priorityWords are the names of the priorities.
var priorityWords = map[string]int{"min": 1, "minimum": 1, "low": 2, "default": 3, "normal": 3, "high": 4, "urgent": 5, "max": 5, "maximum": 5}

// ReadPriority reads a priority as publishing does, 0 for none or the default. The warning says what was corrected.
func ReadPriority(text string) (n int, warning string) {
	d := Draft{Priority: text}
	n = d.priority()
	if len(d.Faults) > 0 {
		warning = d.Faults[0].Warning
	}
	return n, warning
}

func (d *Draft) priority() int {
	text := strings.TrimSpace(d.Priority)
	if len(text) == 1 && text[0] >= '1' && text[0] <= '5' {
		return int(text[0] - '0')
	}
	if text == "" {
		return 0
	}
	if n, ok := priorityWords[strings.ToLower(text)]; ok {
		return n
	}
	as := cmp.Or(d.As.Priority, "priority")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(n) {
		d.Fault(invalid("priority", "%s must be a whole number from 1 to 5", as), "%s %q is not a priority: the default was used", as, plaintext.Shorten(text, 40))
		return 0
	}
	whole := min(max(math.Round(n), 1), 5)
	if whole != n {
		d.Fault(invalid("priority", "the priority must be from 1 (min) to 5 (urgent)"), "%s %s became %d", as, plaintext.Shorten(text, 40), int(whole))
	}
	return int(whole)
}

// emojiTags are the short codes of emoji that senders use as tags.
var emojiTags = map[string]string{"🔥": "fire", "⚠": "warning", "✅": "white_check_mark", "❌": "x", "🚨": "rotating_light", "💾": "floppy_disk", "🎉": "tada",
	"ℹ": "information_source", "🟢": "green_circle", "🔴": "red_circle", "🟡": "yellow_circle", "📦": "package", "💀": "skull", "🔔": "bell", "🐛": "bug",
	"⬆": "arrow_up", "⬇": "arrow_down", "🔋": "battery", "🌡": "thermometer", "💧": "droplet", "🏠": "house", "🚀": "rocket", "❄": "snowflake", "⚡": "zap",
	"🚪": "door", "🔒": "lock", "🔑": "key", "🛑": "octagonal_sign", "✔": "heavy_check_mark", "❗": "exclamation", "❓": "question", "🚫": "no_entry_sign", "⏰": "alarm_clock"}

// tags are the tags in their stored form. A tag that breaks the rules is stored with each run of other characters as one
// hyphen, or left out when nothing remains.
func (d *Draft) tags() string {
	if text, err := JoinTags(d.Tags); err == nil {
		return text
	}
	var out []string
	seen := map[string]bool{}
	for _, raw := range d.Tags {
		raw = strings.TrimSpace(raw)
		was := strings.ToLower(raw)
		tag := slug(was)
		if was == "" || seen[tag] {
			continue
		}
		switch {
		case tag == "":
			d.Fault(tagRule(), "tag %q was left out", plaintext.Shorten(raw, 40))
			continue
		case len(out) == maxTags:
			d.Fault(invalid("tags", "a message may have at most %d tags", maxTags), "tag %q was left out: a message has at most %d", plaintext.Shorten(raw, 40), maxTags)
			continue
		case tag != was:
			d.Fault(tagRule(), "tag %q became %q", plaintext.Shorten(raw, 40), tag)
		}
		seen[tag] = true
		out = append(out, tag)
	}
	return strings.Join(out, ",")
}

func tagRule() error {
	return invalid("tags", "a tag may hold letters, digits, -, _ and . and at most %d of them", maxTag)
}

func slug(tag string) string {
	if code, ok := emojiTags[strings.TrimSuffix(tag, "\ufe0f")]; ok {
		return code
	}
	var b strings.Builder
	for _, word := range strings.FieldsFunc(tag, badTagRune) {
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word)
	}
	s := b.String()
	return strings.Trim(s[:min(len(s), maxTag)], "-")
}

func (d *Draft) extras() (e db.Extras) {
	e.Markdown = d.markdown()
	if url := strings.TrimSpace(d.URL); url != "" {
		if err := checkLink(url, "the link"); err != nil {
			d.Fault(err, "%s was left out: a link is an http, https, tel, mailto, slack or sms URL of at most %d characters", cmp.Or(d.As.URL, "url"), maxURL)
		} else {
			e.URL = url
		}
	}
	e.URLTitle = d.linkTitle(e.URL)
	if e.Key = alertKey(d.Key); e.Key != "" {
		e.Resolved = d.Resolved
	}
	e.Actions = d.actions()
	return e
}

// maxKey is how many bytes the key of an alert has at most.
const maxKey = 200

// alertKey is a key in its stored form: one line. A long one keeps its head and gets a digest, so that it stays its own.
func alertKey(key string) string {
	key, _ = plaintext.OneLine(key)
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return plaintext.Cut(key, maxKey-20) + "…" + hex.EncodeToString(sum[:8])
}

func (d *Draft) markdown() bool {
	switch strings.ToLower(strings.TrimSpace(d.Markdown)) {
	case "", "false", "0", "no", "off":
		return false
	case "true", "1", "yes", "on":
		return true
	}
	as := cmp.Or(d.As.Markdown, "markdown")
	d.Fault(invalid("markdown", "%s must be true or false", as), "%s %q is neither true nor false: the text is shown as it is", as, plaintext.Shorten(d.Markdown, 40))
	return false
}

func (d *Draft) linkTitle(link string) string {
	title, changed := plaintext.OneLine(d.URLTitle)
	as := cmp.Or(d.As.URLTitle, "url_title")
	switch {
	case title == "" && link == "":
		return ""
	case title == "":
		return defaultURLTitle
	case link == "":
		d.Fault(invalid("url_title", "a link title needs a link: send X-URL too"), "%s was left out: the message has no link", as)
		return ""
	case changed || utf8.RuneCountInString(title) > maxURLTitle:
		d.Fault(invalid("url_title", "the link title must be one line of at most %d characters", maxURLTitle),
			"%s became one line of at most %d characters", as, maxURLTitle)
	}
	return plaintext.Shorten(title, maxURLTitle)
}

func (d *Draft) actions() []db.Action {
	list := d.Actions
	if d.Buttons != "" {
		for _, entry := range quoted.Split(d.Buttons, ';') {
			if strings.TrimSpace(entry) == "" {
				continue
			}
			a, err := ParseAction(entry)
			if err != nil {
				d.Fault(err, "an action was left out: %s", err)
				continue
			}
			list = append(list, db.Action(a))
		}
	}
	var out []db.Action
	for _, a := range list {
		label, changed := plaintext.OneLine(a.Label)
		if changed {
			d.Fault(invalid("actions", "an action's label must be one line of text"), "an action's label became one line")
		}
		a.Label = label
		err := checkAction(a)
		if err == nil && len(out) == maxActions {
			err = invalid("actions", "a message may have at most %d actions", maxActions)
		}
		if err != nil {
			d.Fault(err, "an action was left out: %s", err)
			continue
		}
		out = append(out, a)
	}
	return out
}

// Shaped fills a draft with what a shape or a template made of a payload.
func (d *Draft) Shaped(m shape.Message) {
	d.Guessed, d.Text, d.Title, d.Priority, d.Tags = true, m.Text, m.Title, m.Priority, m.Tags
	d.URL, d.URLTitle, d.Key, d.Resolved, d.Since = m.Link, m.LinkTitle, m.Key, m.Resolved, m.Since
	if m.Markdown {
		d.Markdown = "true"
	}
}
