package web

import (
	"context"
	"fmt"
	"time"
)

// Profile is the reader's own name.
type Profile struct {
	Form   Form // values: username
	Email  string
	Since  time.Time
	Admin  bool
	Topics int
}

// DeleteAccount is the account its reader is about to delete.
type DeleteAccount struct {
	Form   Form // values: confirm, password
	Name   string
	Topics int
	Last   bool // nobody else could administer the server
}

func leaveQuestion(v DeleteAccount) Question {
	return Question{
		Title: "Delete account",
		Body:  []string{fmt.Sprintf("Your account and %s with all messages and tokens are deleted, for everyone who reads them too.", plural(v.Topics, "topic", "topics")), "Your API keys stop working, and you are signed out everywhere. This cannot be undone."},
		Yes:   "Delete account", No: "Keep it",
		Action: "/settings/delete", Back: "/settings", Kind: "bad", Glyph: "trash",
	}
}

// Security is the reader's password and sessions.
type Security struct {
	Form     Form
	Sessions []Session
	Keys     int // API keys that work
}

// Session is one place where the reader is signed in.
type Session struct {
	ID, Device, Address string
	CreatedAt, UsedAt   time.Time
	Current             bool
}

// Keys is the reader's API keys.
type Keys struct {
	Keys   []Key // live
	Ended  []Key
	Reveal *Reveal // a secret to show, once
	Gone   string  // name of the key whose secret was shown already
	New    Form    // values: name, description, expires, and each chosen scope
	Open   bool
}

// Key is one API key in the list.
type Key struct {
	ID, Name, Description, Hint string
	Scopes                      []string
	CreatedAt, LastUsedAt       time.Time
	ExpiresAt, RevokedAt        time.Time
	Status                      string // active, expired or revoked
	Requests                    int
}

// token is what a key has in common with a token, so that the same words are said of both.
func (k Key) token() Token {
	return Token{Status: k.Status, LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt}
}

func (k Key) warning(ctx context.Context) []string {
	if k.LastUsedAt.IsZero() {
		return []string{"It has never been used, so nothing should break."}
	}
	return []string{"It stops working at once: the next request gets 401.", fmt.Sprintf("Last used %s, %s in all.", ago(ctx, k.LastUsedAt), plural(k.Requests, "time", "times")), "This cannot be undone."}
}

// EndKey is the key a reader is about to revoke.
type EndKey struct{ Key Key }

// Preferences is how the reader likes the pages.
type Preferences struct {
	Form    Form // values: theme, zone, dates
	Example time.Time
}

var accountTabs = []Tab{
	{"profile", "/settings", "Profile"},
	{"security", "/settings/security", "Security"},
	{"keys", "/settings/keys", "API keys"},
	{"preferences", "/settings/preferences", "Preferences"},
}

// scopes are the permissions of an API key.
var scopes = []Option{
	{"publish", "Publish", "Send messages to topics that you can publish to."},
	{"subscribe", "Subscribe", "Read messages, live and from history."},
	{"topics:read", "View topics", "List your topics and their details."},
	{"topics:write", "Manage topics", "Create, change and delete topics and their tokens."},
	{"*", "Everything", "All of the above, and managing API keys."},
}

func scopeName(scope string) string {
	for _, s := range scopes {
		if s.Value == scope {
			return s.Label
		}
	}
	return scope
}

// zones are offered while typing; any name of the zone database is accepted.
var zones = []string{"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Warsaw", "Europe/Helsinki", "Europe/Istanbul",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Africa/Johannesburg", "Africa/Lagos",
	"Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland"}

func (p Preferences) theme() Choice {
	return Choice{ID: "theme", Label: "Theme", Value: p.Form.Value("theme"), Options: []Option{{"", "Match system", ""}, {"light", "Light", ""}, {"dark", "Dark", ""}}}
}

// dates offers the forms of a time, each with an example.
func (p Preferences) dates(ctx context.Context) Choice {
	c := Choice{ID: "dates", Label: "Times", Value: p.Form.Value("dates"), Options: []Option{{Value: "relative", Label: "Relative"}, {Value: "absolute", Label: "Absolute"}, {Value: "both", Label: "Both"}}}
	for i, o := range c.Options {
		e := env(ctx)
		e.Dates = o.Value
		c.Options[i].Help = shown(With(ctx, e), p.Example)
	}
	return c
}

// keyCurl is a first request with a new key.
func keyCurl(ctx context.Context, secret string) string {
	return "curl -fsS -H \"X-API-Key: " + secret + "\" \\\n  " + public(ctx, "/api/topics")
}

// revokeKeys is the offer to end the API keys of an account with its password.
func revokeKeys(keys int, on bool, whose string) Check {
	return Check{ID: "revoke_keys", Name: "revoke_keys", Value: "1", On: on, Label: "Revoke " + whose + " API keys too (" + Number(keys) + ")",
		Help: "They keep working otherwise. Choose this if somebody else may know the password."}
}
