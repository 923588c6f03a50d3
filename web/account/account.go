// Package account owns the pages of the reader's own account: profile, password and sessions, second factor, API keys,
// devices and their pairing, preferences. It holds their views, view models and texts.
package account

import (
	"context"
	"fmt"
	"time"

	"notifer/web"
)

// Profile is the reader's own name.
type Profile struct {
	Form   web.Form // values: username, email
	Email  string
	Since  time.Time
	Admin  bool
	Topics int
}

// Delete is the account its reader is about to delete.
type Delete struct {
	Form   web.Form // values: confirm, password
	Name   string
	Topics int
	Last   bool // the only admin
}

func deleteQuestion(v Delete) web.Question {
	return web.Question{
		Title: "Delete account",
		Body:  []string{fmt.Sprintf("Your account and %s are deleted, with all messages and tokens. Other readers lose them too.", web.Plural(v.Topics, "topic", "topics")), "Your API keys stop working, and you are signed out everywhere. This cannot be undone."},
		Yes:   "Delete account", No: "Keep it",
		Action: "/settings/delete", Back: "/settings", Kind: "bad", Glyph: "trash",
	}
}

// Security is the reader's password and sessions.
type Security struct {
	Form     web.Form
	Sessions []Session
	Keys     int // API keys that work
	Factor   bool
}

// Session is one place where the reader is signed in.
type Session struct {
	ID, Device, Address string
	CreatedAt, UsedAt   time.Time
	Current             bool
}

// Preferences is how the reader likes the pages.
type Preferences struct {
	Form    web.Form // values: theme, zone, dates
	Example time.Time
}

var accountTabs = []web.Tab{
	{ID: "profile", Path: "/settings", Name: "Profile"},
	{ID: "security", Path: "/settings/security", Name: "Security"},
	{ID: "keys", Path: "/settings/keys", Name: "API keys"},
	{ID: "preferences", Path: "/settings/preferences", Name: "Preferences"},
}

// zones are offered while typing; any name of the zone database is accepted.
var zones = []string{"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Warsaw", "Europe/Helsinki", "Europe/Istanbul",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Africa/Johannesburg", "Africa/Lagos",
	"Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland"}

func (p Preferences) theme() web.Choice {
	return web.Choice{ID: "theme", Label: "Theme", Value: p.Form.Value("theme"), Options: []web.Option{{Value: "", Label: "Match system"}, {Value: "light", Label: "Light"}, {Value: "dark", Label: "Dark"}}}
}

// dates offers the forms of a time, each with an example.
func (p Preferences) dates(ctx context.Context) web.Choice {
	c := web.Choice{ID: "dates", Label: "Times", Value: p.Form.Value("dates"), Options: []web.Option{{Value: "relative", Label: "Relative"}, {Value: "absolute", Label: "Absolute"}, {Value: "both", Label: "Both"}}}
	for i, o := range c.Options {
		e := web.EnvOf(ctx)
		e.Dates = o.Value
		c.Options[i].Help = web.Shown(web.With(ctx, e), p.Example)
	}
	return c
}
