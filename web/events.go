package web

import (
	"strings"
	"time"
)

// Events is what happened to accounts.
type Events struct {
	Lines      []Event
	User, Kind string   // that are shown; empty: all
	Users      []string // that can be chosen
	Unknown    bool     // there is no such account or kind
	Older      string
}

// Event is one line of it.
type Event struct {
	At                           time.Time
	Actor, Verb, Target, Address string
	Detail                       string
	ActorID, Via                 string // see ActivityLine
	Topic                        string // that was deleted
	Own                          bool   // the actor is the target
	Failed                       bool
}

func (v Events) kinds() Choice {
	return Choice{ID: "kind", Label: "Events", Value: v.Kind, Options: []Option{{"", "All events", ""}, {"sign-ins", "Sign-ins", ""},
		{"secrets", "Passwords and second factors", ""}, {"accounts", "Accounts and roles", ""}, {"keys", "API keys", ""}, {"topics", "Deleted topics", ""}}}
}

func (v Events) accounts() Choice {
	c := Choice{ID: "user", Label: "Account", Value: v.User, Options: []Option{{"", "All accounts", ""}}}
	known := v.User == ""
	for _, name := range v.Users {
		c.Options, known = append(c.Options, Option{Value: name, Label: name}), known || name == v.User
	}
	if !known {
		c.Options = append(c.Options, Option{Value: v.User, Label: v.User})
	}
	return c
}

// verbs say what was done to the actor's own account, and to another one, whose name replaces %s.
var verbs = map[string]struct{ own, other, icon string }{
	"account.sign_in":             {"signed in", "signed in as %s", "user"},
	"account.sign_in_failed":      {"could not confirm the password", "could not sign in as %s", "warn"},
	"account.sign_out":            {"signed out", "signed out %s", "logout"},
	"account.recovery_code_used":  {"used a recovery code", "used a recovery code of %s", "key"},
	"account.password":            {"changed the password", "changed the password of %s", "lock"},
	"account.password_reset":      {"set the password", "set the password of %s", "lock"},
	"account.second_factor_on":    {"turned on a second factor", "turned on a second factor of %s", "shield"},
	"account.second_factor_off":   {"turned off the second factor", "turned off the second factor of %s", "shield"},
	"account.second_factor_reset": {"turned off the second factor", "turned off the second factor of %s", "shield"},
	"account.recovery_codes":      {"created new recovery codes", "created new recovery codes of %s", "rotate"},
	"account.create":              {"created the account", "created the account %s", "plus"},
	"account.delete":              {"deleted the account", "deleted the account %s", "trash"},
	"account.rename":              {"changed the username", "changed the username of %s", "pencil"},
	"account.email":               {"changed the email", "changed the email of %s", "pencil"},
	"account.promote":             {"became an admin", "made %s an admin", "shield"},
	"account.demote":              {"is no longer an admin", "made %s an ordinary user", "user"},
	"account.disable":             {"disabled the account", "disabled %s", "ban"},
	"account.enable":              {"enabled the account", "enabled %s", "check"},
	"topic.delete":                {"deleted a topic", "deleted the topic %s", "trash"},
	"server.backup":               {"downloaded a backup", "", "save"},
	"key.create":                  {"created an API key", "created an API key of %s", "key"},
	"key.pair":                    {"paired a device", "paired a device of %s", "phone"},
	"key.update":                  {"changed an API key", "changed an API key of %s", "key"},
	"key.revoke":                  {"revoked an API key", "revoked an API key of %s", "ban"},
	"key.delete":                  {"deleted an API key", "deleted an API key of %s", "trash"},
}

// sentence continues after the actor. A verb without a text is shown as it is.
func (e Event) sentence() string {
	d, known := verbs[e.Verb]
	text := d.own
	switch {
	case e.Topic != "" && known:
		text = strings.ReplaceAll(d.other, "%s", e.Topic)
	case !known:
		text = e.Verb + " " + e.Target
	case !e.Own && e.Target != "":
		text = strings.ReplaceAll(d.other, "%s", e.Target)
	case e.Failed && !e.Own:
		text = "could not sign in"
	}
	if e.Own && strings.HasPrefix(e.Detail, `"`) { // the name of the key or device
		return strings.NewReplacer("an API key", "the API key", "a device", "the device").Replace(text) + " " + e.Detail
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

func (e Event) icon() string {
	if d, known := verbs[e.Verb]; known {
		return d.icon
	}
	return "pencil"
}
