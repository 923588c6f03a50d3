package manage

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/server/auth"
)

// Bounds of a message's fields, in characters unless said otherwise.
const (
	DefaultPriority = 3
	MaxTitle        = 250
	maxTags         = 20
	maxTag          = 64 // bytes
	maxURL          = 512
	maxURLTitle     = 100
	maxActions      = 3
	maxActionText   = 512
	defaultURLTitle = "Open Link"
)

// CheckTitle returns a title without white space at its ends. It refuses one that is not one line, or too long.
func CheckTitle(s string) (string, error) {
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return "", &Error{Kind: auth.ErrMalformed, Field: "title", Detail: "the title holds a control character: send one line of text"}
		}
	}
	if utf8.RuneCountInString(s) > MaxTitle {
		return "", invalid("title", "the title is longer than %d characters", MaxTitle)
	}
	return strings.TrimSpace(s), nil
}

// CheckPriority refuses a priority that is none.
func CheckPriority(n int) (int, error) {
	if n < 1 || n > 5 {
		return 0, invalid("priority", "the priority must be from 1 (min) to 5 (urgent)")
	}
	return n, nil
}

// CheckText refuses a message text that is empty or has more bytes than the bound.
func CheckText(text string, most int) error {
	if text == "" || len(text) > most {
		return invalid("message", "the message must have 1 to %d bytes", most)
	}
	return nil
}

// JoinTags returns the stored form of a list of tags: in lower case, without empty and repeated ones.
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
		return invalid("url", "%s must be a http, https, tel, mailto, slack or sms address of at most %d characters", what, maxURL)
	}
	return nil
}
