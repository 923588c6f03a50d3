package manage

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/plaintext"
)

// Bounds of a message's fields, in characters unless said otherwise.
const (
	DefaultPriority = 3
	maxTitle        = 250
	maxTags         = 20
	maxTag          = 64 // bytes
	maxURL          = 512
	maxURLTitle     = 100
	maxActions      = 3
	maxActionText   = 512
	defaultURLTitle = "Open Link"
)

// CheckTitle returns the canonical form of a title: one line of at most maxTitle characters. It refuses what strict publishing refuses.
func CheckTitle(s string) (string, error) {
	title, faults := judgeTitle(s, "title")
	if len(faults) > 0 {
		return "", faults[0].Refusal
	}
	return title, nil
}

// judgeTitle corrects a title; what was wrong with it is said of the field as the sender wrote it.
func judgeTitle(s, as string) (title string, faults []Fault) {
	title, changed := plaintext.OneLine(s)
	if changed {
		faults = append(faults, Fault{&Error{Kind: auth.ErrMalformed, Field: "title", Detail: "the title contains a control character: send one line of text"},
			as + " contained line ends or control characters: each became a space"})
	}
	if utf8.RuneCountInString(title) > maxTitle {
		faults = append(faults, Fault{invalid("title", "the title is longer than %d characters", maxTitle), fmt.Sprintf("%s was cut to %d characters", as, maxTitle)})
		title = plaintext.Shorten(title, maxTitle)
	}
	return title, faults
}

// CheckPriority refuses a number that is not a priority, which is from 1 to 5.
func CheckPriority(n int) (int, error) {
	if n < 1 || n > 5 {
		return 0, invalid("priority", "the priority must be from 1 (min) to 5 (urgent)")
	}
	return n, nil
}

// trimText removes the byte order mark before a text, and the NUL characters with which a string of C ends.
func trimText(text string) string {
	return strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\x00")
}

// CheckText returns the text of a message as it is stored: trimmed as trimText does, and without the codes of a terminal. It refuses a
// text that is blank or has more than most bytes.
func CheckText(text string, most int) (string, error) {
	text = plaintext.WithoutTerminal(trimText(text))
	if Blank(text) || len(text) > most {
		return "", invalid("message", "the message must have 1 to %d bytes", most)
	}
	return text, nil
}

// JoinTags returns the stored form of a list of tags: in lower case, without empty and repeated ones. It refuses more than 20, and a tag of
// more than 64 bytes or with other characters than tags have.
func JoinTags(list []string) (string, error) {
	if len(list) == 1 && list[0] == "" {
		return "", nil
	}
	var out []string
	seen := map[string]bool{}
	for _, t := range list {
		t = strings.ToLower(strings.TrimSpace(t))
		if t == "" || seen[t] {
			continue
		}
		if len(t) > maxTag || strings.IndexFunc(t, badTagRune) >= 0 {
			return "", invalid("tags", "a tag may hold letters, digits, -, _ and . and at most %d of them", maxTag)
		}
		seen[t] = true
		out = append(out, t)
	}
	if len(out) > maxTags {
		return "", invalid("tags", "a message may have at most %d tags", maxTags)
	}
	return strings.Join(out, ","), nil
}

func badTagRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

var linkSchemes = []string{"http", "https", "tel", "mailto", "slack", "sms"}

func checkLink(link, what string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxURL || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) {
		return invalid("url", "%s must be an http, https, tel, mailto, slack or sms URL of at most %d characters", what, maxURL)
	}
	if web := strings.HasPrefix(strings.ToLower(u.Scheme), "http"); web && u.Host == "" {
		return invalid("url", "%s names no host: write it as https://host/path", what) // a browser would look for it on this server
	}
	if plaintext.HasControl(link) {
		return invalid("url", "%s contains invisible characters: percent-encode them", what)
	}
	return nil
}

// Complete says of a message whose it is: its topic, who publishes it, and the defaults of the token that it comes with, if one does.
func Complete(m *db.Message, by *auth.Principal, topic *db.Topic) {
	ApplyDefaults(m, by.Token())
	m.TopicID, m.Topic, m.Sender = topic.ID, topic.Name, by.Sender()
}

// ApplyDefaults gives a message the priority and tags of its token, which may be nil, where it has none of its own.
func ApplyDefaults(m *db.Message, t *db.Token) {
	if t != nil {
		if m.Priority == 0 {
			m.Priority = t.DefaultPriority
		}
		if m.Tags == "" {
			m.Tags = t.DefaultTags
		}
	}
	if m.Priority == 0 {
		m.Priority = DefaultPriority
	}
}
