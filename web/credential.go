package web

import (
	"context"
	"fmt"
	"time"

	"notifer/server/api"
)

// Credential is what tokens and keys have in common, so that pages describe both in the same words.
type Credential struct {
	Status                api.Status
	LastUsedAt, ExpiresAt time.Time // zero: never
	Rotating              bool      // its old secret still works
	InURL                 bool      // it was sent in a URL recently
}

// Dot is the colour of its state.
func (c Credential) Dot() string {
	switch {
	case c.Status == api.Leaked:
		return "bad"
	case c.Rotating || c.Status == api.Expiring || c.InURL:
		return "warn"
	case c.LastUsedAt.IsZero() || c.Status == api.Idle:
		return "off"
	}
	return "good"
}

type badge struct {
	kind, text string
	unused     bool // removed by script at the first use
}

// badges are words for what is unusual about it.
func (c Credential) badges(ctx context.Context) []badge {
	var out []badge
	add := func(kind, text string) { out = append(out, badge{kind: kind, text: text}) }
	switch c.Status {
	case api.Leaked:
		add("bad", "Leaked")
	case api.Expired:
		add("", "Expired")
		return out
	case api.Revoked:
		add("", "Revoked")
		return out
	}
	if c.Rotating {
		add("warn", "Rotating")
	}
	if left := c.ExpiresAt.Sub(EnvOf(ctx).Now); !c.ExpiresAt.IsZero() && left <= 7*24*time.Hour {
		add("warn", "Expires "+Until(left))
	}
	switch {
	case c.LastUsedAt.IsZero():
		out = append(out, badge{text: "Never used", unused: true})
	case c.Status == api.Idle:
		add("warn", "Idle since "+Local(ctx, c.LastUsedAt).Format("2 Jan"))
	}
	if c.InURL {
		add("warn", "Seen in a URL")
	}
	return out
}

// expiry says when a token expires or has expired: the distance, and the date with its time zone.
func expiry(ctx context.Context, at time.Time) string {
	return fmt.Sprintf("%s (%s)", Ago(ctx, at), Local(ctx, at).Format("2 Jan 2006, 15:04 MST"))
}

// Expiries are the lifetimes in days that the form offers; empty is unlimited.
var Expiries = []string{"", "7", "30", "90", "365"}

// ExpiryChoice is the choice of a lifetime in days.
func ExpiryChoice(value string) Choice {
	c := Choice{ID: "expires", Label: "Expires", Value: value}
	for _, days := range Expiries {
		c.Options = append(c.Options, Option{Value: days, Label: ExpiryName(days)})
	}
	return c
}

// ExpiryName is a lifetime in days, in words.
func ExpiryName(days string) string {
	switch days {
	case "":
		return "Never"
	case "365":
		return "In 1 year"
	}
	return "In " + days + " days"
}

// SoonerEnd compares two expiries for sorting; zero, which is never, comes last.
func SoonerEnd(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return b.Compare(a)
	}
	return a.Compare(b)
}

// Reveal is a secret in the only answer that contains it.
type Reveal struct{ Name, Secret string }
