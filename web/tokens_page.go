package web

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// TokenPage is one token with all that is known of it.
type TokenPage struct {
	Settings
	Token     Token
	Days      []TokenDay // the last thirty, the oldest first
	Addresses []TokenAddress
	Deeds     []Deed
	Form      Form // values: name, note, expires, date, networks, refuse_in_url, new_network, priority, tags
	Longest   time.Duration
	NoURLs    bool
	Earliest  time.Time
}

// TokenDay is what a token did on one day.
type TokenDay struct {
	Day         time.Time
	OK, Refused int
}

// TokenAddress is where a token was used from.
type TokenAddress struct {
	Address string
	At      time.Time
	Count   int
}

func (v TokenPage) bars() []Bar {
	out := make([]Bar, len(v.Days))
	for i, d := range v.Days {
		out[i] = Bar{Name: d.Day.Format("2 Jan"), Count: d.OK + d.Refused, Refused: d.Refused}
	}
	return out
}

// edit is the form of creation with the fields that can be changed later.
func (v TokenPage) edit() NewToken {
	return NewToken{Settings: v.Settings, Form: v.Form, Longest: v.Longest, NoURLs: v.NoURLs, Earliest: v.Earliest}
}

// expiryChoice offers first to leave the expiry as it is.
func (v TokenPage) expiryChoice(ctx context.Context) Choice {
	c := v.edit().expiryChoice(ctx)
	kept := "Unchanged: never"
	if !v.Token.ExpiresAt.IsZero() {
		kept = fmt.Sprintf("Unchanged: %s", local(ctx, v.Token.ExpiresAt).Format(shortDay))
	}
	c.Options = append([]Option{{Value: "keep", Label: kept}}, c.Options...)
	for i, o := range c.Options {
		if o.Value == "" {
			c.Options[i].Value = "never"
		}
	}
	return c
}

func refusedStatus(n int) string { return strconv.Itoa(n) }
