package tokens

import (
	"context"
	"fmt"
	"time"

	"notifer/web"
)

// Details is one token with all that is known of it.
type Details struct {
	web.Settings
	Token     Token
	Days      []Day // the last thirty, the oldest first
	Addresses []Address
	Activity  []web.ActivityLine
	Form      web.Form // values: name, note, expires, date, networks, refuse_in_url, new_network, priority, tags
	Longest   time.Duration
	NoURLs    bool
	Earliest  time.Time
	Senders   []Sender
	Sender    *Sender // nil: none was chosen
	Signing   string  // the head of the signing secret there is
	Payloads  int     // that are remembered
}

// Day is what a token did on one day.
type Day struct {
	Day         time.Time
	OK, Refused int
}

// Address is where a token was used from.
type Address struct {
	Address string
	At      time.Time
	Count   int
}

func (v Details) bars() []web.Bar {
	out := make([]web.Bar, len(v.Days))
	for i, d := range v.Days {
		out[i] = web.Bar{Name: d.Day.Format("2 Jan"), Count: d.OK + d.Refused, Refused: d.Refused}
	}
	return out
}

// edit is the form of creation with the fields that can be changed later.
func (v Details) edit() New {
	return New{Settings: v.Settings, Form: v.Form, Longest: v.Longest, NoURLs: v.NoURLs, Earliest: v.Earliest, Senders: v.Senders, Signing: v.Signing}
}

// expiryChoice offers first to leave the expiry as it is.
func (v Details) expiryChoice(ctx context.Context) web.Choice {
	c := v.edit().expiryChoice(ctx)
	kept := "Unchanged: never"
	if !v.Token.ExpiresAt.IsZero() {
		kept = fmt.Sprintf("Unchanged: %s", web.Local(ctx, v.Token.ExpiresAt).Format(web.ShortDay))
	}
	c.Options = append([]web.Option{{Value: "keep", Label: kept}}, c.Options...)
	for i, o := range c.Options {
		if o.Value == "" {
			c.Options[i].Value = "never"
		}
	}
	return c
}
