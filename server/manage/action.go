package manage

import (
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage/quoted"
	"notifer/server/plaintext"
)

var actionTypes = []string{"view", "http", "broadcast"}

// ParseAction reads one entry of X-Actions, whose parts commas separate. A part or a value in quotes may hold commas and semicolons.
func ParseAction(entry string) (api.Action, error) {
	parts := quoted.Split(entry, ',')
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) < 2 {
		return api.Action{}, invalid("actions", "an action is written: type, label, url[, key=value]...")
	}
	a := api.Action{Type: quoted.Unquote(parts[0]), Label: quoted.Unquote(parts[1])}
	for i, p := range parts[2:] {
		key, value, ok := strings.Cut(p, "=")
		if i == 0 && (!ok || strings.Contains(key, ":")) {
			a.URL = quoted.Unquote(p)
			continue
		}
		if !ok {
			return a, invalid("actions", "an action's option is written key=value")
		}
		if a.Options == nil {
			a.Options = map[string]string{}
		}
		a.Options[strings.TrimSpace(key)] = quoted.Unquote(strings.TrimSpace(value))
	}
	return a, nil
}

// checkAction bounds a button of a message; a view or http button needs a link.
func checkAction(a db.Action) error {
	if !slices.Contains(actionTypes, a.Type) {
		return invalid("actions", "an action's type must be view, http or broadcast")
	}
	if n := utf8.RuneCountInString(a.Label); n == 0 || n > maxURLTitle {
		return invalid("actions", "an action's label must have 1 to %d characters", maxURLTitle)
	}
	if a.URL == "" && a.Type != "broadcast" {
		return invalid("actions", "an action of type %s needs a link", a.Type)
	}
	if a.URL != "" {
		if err := checkLink(a.URL, "an action's link"); err != nil {
			return err
		}
	}
	return checkOptions(a.Options)
}

func checkOptions(o map[string]string) error {
	if len(o) > 10 {
		return invalid("actions", "an action may have at most 10 options")
	}
	for k, v := range o {
		if k == "" || plaintext.HasControl(k) || len(k) > maxURLTitle || len(v) > maxActionText {
			return invalid("actions", "an action's option needs a name and at most %d characters", maxActionText)
		}
	}
	return nil
}
