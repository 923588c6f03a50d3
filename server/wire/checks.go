package wire

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

// Bounds of a message's parts.
const (
	DefaultPriority = 3
	MaxTitle        = 250 // characters
	maxTags         = 20
	maxTag          = 64
	maxURL          = 512
	maxURLTitle     = 100
	maxActions      = 3
	maxActionText   = 512
	defaultURLTitle = "Open Link"
)

// CheckTitle trims a title and refuses one that is too long or not one line.
func CheckTitle(s string) (string, error) {
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return "", request.BadRequest("the title holds a control character: send one line of text")
		}
	}
	if utf8.RuneCountInString(s) > MaxTitle {
		return "", request.Unprocessable("the title is longer than %d characters", MaxTitle)
	}
	return strings.TrimSpace(s), nil
}

// CheckPriority refuses a priority beyond 1 to 5.
func CheckPriority(n int) (int, error) {
	if n < 1 || n > 5 {
		return 0, request.Unprocessable("the priority must be from 1 (min) to 5 (urgent)")
	}
	return n, nil
}

// JoinTags lowers, trims, checks and joins tags; empty and repeated ones are dropped.
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
			return "", request.Unprocessable("a tag may hold letters, digits, -, _ and . and at most %d of them", maxTag)
		}
		seen[t] = true
		out = append(out, t)
	}
	if len(out) > maxTags {
		return "", request.Unprocessable("a message may have at most %d tags", maxTags)
	}
	return strings.Join(out, ","), nil
}

func badTagRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// CheckExtras checks the extras of a message and gives a link without a title the usual one.
func CheckExtras(e *db.Extras) error {
	if e.URL != "" {
		if err := checkLink(e.URL, "the link"); err != nil {
			return err
		}
		if e.URLTitle == "" {
			e.URLTitle = defaultURLTitle
		}
	} else if e.URLTitle != "" {
		return request.Unprocessable("a link title needs a link: send X-URL too")
	}
	if title, err := CheckTitle(e.URLTitle); err != nil || utf8.RuneCountInString(title) > maxURLTitle {
		return request.Unprocessable("the link title must be one line of at most %d characters", maxURLTitle)
	}
	return checkActions(e.Actions)
}

var linkSchemes = []string{"http", "https", "tel", "mailto", "slack", "sms"}

func checkLink(link, what string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxURL || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) {
		return request.Unprocessable("%s must be a http, https, tel, mailto, slack or sms address of at most %d characters", what, maxURL)
	}
	return nil
}

var actionTypes = []string{"view", "http", "broadcast"}

// ParseAction reads the parts of one entry, which commas part.
func ParseAction(parts []string) (api.Action, error) {
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) < 2 {
		return api.Action{}, request.Unprocessable("an action is written: type, label, url[, key=value]...")
	}
	a := api.Action{Type: parts[0], Label: parts[1]}
	for i, p := range parts[2:] {
		key, value, ok := strings.Cut(p, "=")
		if i == 0 && (!ok || strings.Contains(key, ":")) {
			a.URL = p
			continue
		}
		if !ok {
			return a, request.Unprocessable("an action's option is written key=value")
		}
		if a.Options == nil {
			a.Options = map[string]string{}
		}
		a.Options[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return a, nil
}

// checkActions bounds the buttons of a message; a view or http button needs a link.
func checkActions(list []db.Action) error {
	if len(list) > maxActions {
		return request.Unprocessable("a message may have at most %d actions", maxActions)
	}
	for _, a := range list {
		if !slices.Contains(actionTypes, a.Type) {
			return request.Unprocessable("an action's type must be view, http or broadcast")
		}
		if n := utf8.RuneCountInString(a.Label); n == 0 || n > maxURLTitle {
			return request.Unprocessable("an action's label must have 1 to %d characters", maxURLTitle)
		}
		if a.URL == "" && a.Type != "broadcast" {
			return request.Unprocessable("a %s action needs a link", a.Type)
		}
		if a.URL != "" {
			if err := checkLink(a.URL, "an action's link"); err != nil {
				return err
			}
		}
		if err := checkOptions(a.Options); err != nil {
			return err
		}
	}
	return nil
}

func checkOptions(o map[string]string) error {
	if len(o) > 10 {
		return request.Unprocessable("an action may have at most 10 options")
	}
	for k, v := range o {
		if k == "" || len(k) > maxURLTitle || len(v) > maxActionText {
			return request.Unprocessable("an action's option needs a name and at most %d characters", maxActionText)
		}
	}
	return nil
}

// MostJSON bounds the JSON of a message: escapes may make it six times the text.
func MostJSON(s *request.Site) int { return 6*s.MessageBytes() + request.MaxJSON }
