package web

import (
	"context"
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

func leaveQuestion(ctx context.Context, v DeleteAccount) Question {
	return Question{
		Title: Say(ctx, "leave.title"),
		Body:  []string{Say(ctx, "leave.topics", count(ctx, "topics", v.Topics)), Say(ctx, "leave.rest")},
		Yes:   Say(ctx, "leave.action"), No: Say(ctx, "keep"),
		Action: "/settings/delete", Back: "/settings", Kind: "danger", Glyph: "trash",
	}
}

// Security is the reader's password and sessions.
type Security struct {
	Form     Form
	Sessions []Session
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
		return []string{Say(ctx, "revoke.unused")}
	}
	return []string{Say(ctx, "revoke.next"), Say(ctx, "keys.last", ago(ctx, k.LastUsedAt), count(ctx, "times", k.Requests)), Say(ctx, "revoke.final")}
}

// EndKey is the key a reader is about to revoke.
type EndKey struct{ Key Key }

// Preferences is how the reader likes the pages.
type Preferences struct {
	Form    Form // values: theme, zone, dates
	Example time.Time
}

var accountTabs = []Tab{
	{"profile", "/settings", "account.profile"},
	{"security", "/settings/security", "account.security"},
	{"keys", "/settings/keys", "account.keys"},
	{"preferences", "/settings/preferences", "account.preferences"},
}

var scopes = []string{"publish", "subscribe", "topics:read", "topics:write", "*"}

// zones are offered while typing; any name of the zone database is accepted.
var zones = []string{"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Warsaw", "Europe/Helsinki", "Europe/Istanbul",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Africa/Johannesburg", "Africa/Lagos",
	"Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland"}

func (p Preferences) radios(ctx context.Context, id string, values ...string) Choice {
	c := Choice{ID: id, Label: Say(ctx, id), Value: p.Form.Value(id)}
	for _, v := range values {
		c.Options = append(c.Options, Option{Value: v, Label: Say(ctx, id+"."+v), Help: p.example(ctx, id, v)})
	}
	return c
}

func (p Preferences) example(ctx context.Context, id, value string) string {
	if id != "dates" {
		return ""
	}
	e := env(ctx)
	e.Dates = value
	return shown(With(ctx, e), p.Example)
}
