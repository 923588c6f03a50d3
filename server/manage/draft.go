package manage

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
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
	Actions  []db.Action // in place of Buttons

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

// Message makes a message of a draft. What is wrong with a field is mended and noted in Faults; only a draft without text and
// without title cannot become a message. The priority is 0 when none was named.
func (d *Draft) Message(most int) (*db.Message, error) {
	m := &db.Message{}
	m.Title = d.title()
	if m.Body = strings.TrimPrefix(d.Text, "\ufeff"); m.Body == "" {
		if m.Title == "" {
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
	if d.Markdown != "" || d.URL != "" || d.URLTitle != "" || d.Buttons != "" || len(d.Actions) > 0 {
		m.SetExtras(d.extras())
	}
	return m, nil
}

// cutMark ends a text that was cut.
const cutMark = "\n[… cut here: the message was longer]"

func cutText(s string, most int) string {
	mark := cutMark
	if most < 2*len(mark) {
		mark = ""
	}
	return wholeRunes(s, most-len(mark)) + mark
}

// wholeRunes are the first characters of a text, at most n bytes.
func wholeRunes(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:min(n, len(s))]
}

// cutRunes is a text of at most n characters, with an ellipsis where it was longer.
func cutRunes(s string, n int) string {
	for i := range s {
		if n--; n == 0 && utf8.RuneCountInString(s[i:]) > 1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// splitsLine is a character that a title may not hold.
func splitsLine(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 }

// oneLine makes white space and control characters single blanks, and reports whether there were any of the second.
func oneLine(s string) (line string, changed bool) {
	if strings.IndexFunc(s, splitsLine) < 0 {
		return strings.TrimSpace(s), false
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return splitsLine(r) || unicode.IsSpace(r) }), " "), true
}

func (d *Draft) title() string {
	if d.Title == "" {
		return ""
	}
	title, changed := oneLine(d.Title)
	if changed && strings.IndexFunc(strings.TrimSpace(d.Title), splitsLine) >= 0 {
		d.Fault(&Error{Kind: auth.ErrMalformed, Field: "title", Detail: "the title holds a control character: send one line of text"},
			"title: line ends and control characters became blanks")
	}
	if utf8.RuneCountInString(title) > MaxTitle {
		d.Fault(invalid("title", "the title is longer than %d characters", MaxTitle), "title was cut to %d characters", MaxTitle)
		title = cutRunes(title, MaxTitle)
	}
	return title
}

// priorityWords are the names of the priorities.
var priorityWords = map[string]int{"min": 1, "minimum": 1, "low": 2, "default": 3, "normal": 3, "high": 4, "urgent": 5, "max": 5, "maximum": 5}

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
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		d.Fault(invalid("priority", "X-Priority must be a whole number from 1 to 5"), "priority %q is not one: the default is used", cutRunes(text, 40))
		return 0
	}
	whole := min(max(math.Round(n), 1), 5)
	if whole != n {
		d.Fault(invalid("priority", "the priority must be from 1 (min) to 5 (urgent)"), "priority %s became %d", cutRunes(text, 40), int(whole))
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
		was := strings.ToLower(strings.TrimSpace(raw))
		tag := slug(was)
		if was == "" || seen[tag] {
			continue
		}
		switch {
		case tag == "":
			d.Fault(tagRule(), "tag %q was left out", cutRunes(was, 40))
			continue
		case len(out) == maxTags:
			d.Fault(invalid("tags", "a message may have at most %d tags", maxTags), "tag %q was left out: a message has at most %d", cutRunes(was, 40), maxTags)
			continue
		case tag != was:
			d.Fault(tagRule(), "tag %q became %q", cutRunes(was, 40), tag)
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
			d.Fault(err, "the link was left out: it must be a http, https, tel, mailto, slack or sms address of at most %d characters", maxURL)
		} else {
			e.URL = url
		}
	}
	e.URLTitle = d.linkTitle(e.URL)
	e.Actions = d.actions()
	return e
}

func (d *Draft) markdown() bool {
	switch strings.ToLower(strings.TrimSpace(d.Markdown)) {
	case "", "false", "0", "no", "off":
		return false
	case "true", "1", "yes", "on":
		return true
	}
	d.Fault(invalid("markdown", "X-Markdown must be true or false"), "markdown %q is neither true nor false: the text is shown as it is", cutRunes(d.Markdown, 40))
	return false
}

func (d *Draft) linkTitle(link string) string {
	title, changed := oneLine(d.URLTitle)
	switch {
	case title == "" && link == "":
		return ""
	case title == "":
		return defaultURLTitle
	case link == "":
		d.Fault(invalid("url_title", "a link title needs a link: send X-URL too"), "the link title was left out: there is no link")
		return ""
	case changed || utf8.RuneCountInString(title) > maxURLTitle:
		d.Fault(invalid("url_title", "the link title must be one line of at most %d characters", maxURLTitle),
			"the link title became one line of at most %d characters", maxURLTitle)
	}
	return cutRunes(title, maxURLTitle)
}

func (d *Draft) actions() []db.Action {
	list := d.Actions
	if list == nil && d.Buttons != "" {
		for entry := range strings.SplitSeq(d.Buttons, ";") {
			if strings.TrimSpace(entry) == "" {
				continue
			}
			a, err := ParseAction(strings.Split(entry, ","))
			if err != nil {
				d.Fault(err, "an action was left out: %s", err)
				continue
			}
			list = append(list, db.Action(a))
		}
	}
	var out []db.Action
	for _, a := range list {
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
