package tokens

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/web"
)

// New is the form that creates a token.
type New struct {
	web.Settings
	Form     web.Form      // values: name, publish, subscribe, expires, date, note, networks, refuse_in_url, priority, tags, shape, signing_secret, password
	Once     string        // single-use id
	Again    bool          // the password is asked for
	More     bool          // the rare fields are unfolded
	Longest  time.Duration // maximum lifetime; 0: any
	NoURLs   bool          // the server takes no token from a URL
	Earliest time.Time
	Senders  []Sender
	Signing  string // the head of the signing secret there is
}

const oneDay = 24 * time.Hour

// preset is a filled-in form for a usual place of a token.
type preset struct {
	ID, Label, Name    string
	Publish, Subscribe bool
	Days               string // lifetime in days; empty: unlimited
	Note               string
}

func (p preset) may() string {
	switch {
	case p.Publish && p.Subscribe:
		return "publish subscribe"
	case p.Publish:
		return "publish"
	}
	return "subscribe"
}

var presets = []preset{
	{ID: "ci", Label: "CI pipeline", Name: "CI pipeline", Publish: true, Days: "365"},
	{ID: "monitoring", Label: "Server monitoring", Name: "Server monitoring", Publish: true},
	{ID: "backup", Label: "Backup job", Name: "Backup job", Publish: true},
	{ID: "webhook", Label: "External webhook", Name: "Webhook", Publish: true, Note: "May need ?token= when the sender cannot set a header."},
	{ID: "home", Label: "Home automation", Name: "Home automation", Publish: true, Subscribe: true},
	{ID: "log", Label: "Log reader", Name: "Log reader", Subscribe: true, Days: "90"},
	{ID: "wall", Label: "Wall display", Name: "Wall display", Subscribe: true},
}

// FillPreset fills a form with a preset, and reports whether there is one of that name.
func FillPreset(values map[string]string, id string) bool {
	i := slices.IndexFunc(presets, func(p preset) bool { return p.ID == id })
	if i < 0 {
		return false
	}
	p := presets[i]
	values["name"], values["expires"] = p.Name, p.Days
	delete(values, "publish")
	if p.Publish {
		values["publish"] = "1"
	}
	delete(values, "subscribe")
	if p.Subscribe {
		values["subscribe"] = "1"
	}
	if p.Note != "" {
		values["note"] = p.Note
	}
	values["preset"] = id
	return true
}

// Longest is the choice of the maximum lifetime, offered where none of the Expiries is.
const Longest = "max"

func (v New) offers(days string) bool {
	n, _ := strconv.Atoi(days)
	return v.Longest == 0 || n > 0 && time.Duration(n)*oneDay <= v.Longest
}

// longest is the maximum lifetime in hours, or in minutes where it is not whole.
func (v New) longest() string {
	if v.Longest%time.Hour == 0 {
		return web.Plural(int(v.Longest/time.Hour), "hour", "hours")
	}
	return web.Plural(int(v.Longest/time.Minute), "minute", "minutes")
}

func (v New) expiryChoice(ctx context.Context) web.Choice {
	c := web.Choice{ID: "expires", Label: "Expires", Value: v.Form.Value("expires"), Error: v.Form.Problem("expires")}
	for _, days := range web.Expiries {
		if v.offers(days) {
			c.Options = append(c.Options, web.Option{Value: days, Label: web.ExpiryName(days)})
		}
	}
	if len(c.Options) == 0 {
		c.Options = append(c.Options, web.Option{Value: Longest, Label: fmt.Sprintf("Maximum lifetime: %s", v.longest())})
	} else if v.Longest > 0 {
		c.Help = "The maximum token lifetime on this server is " + web.Plural(int(v.Longest/oneDay), "day", "days") + "."
	}
	if v.Longest == 0 || v.Longest >= 2*oneDay { // the end of tomorrow may be so far
		c.Options = append(c.Options, web.Option{Value: "date", Label: "On a date…"})
	}
	return c
}

func (v New) dateField(ctx context.Context) web.Field {
	attrs := map[string]any{"min": v.Earliest.Format(time.DateOnly)}
	if v.Longest > 0 {
		attrs["max"] = v.Earliest.AddDate(0, 0, int(v.Longest/oneDay)-2).Format(time.DateOnly) // it works to that day's end
	}
	f := v.Form.Fill(web.Field{ID: "date", Type: "date", Label: "On a date…", Attrs: attrs})
	f.Label = "Last day"
	f.Help = fmt.Sprintf("It works until the end of that day, %s.", web.Local(ctx, web.EnvOf(ctx).Now).Format("MST"))
	return f
}

func (v New) may() []web.Check {
	return []web.Check{
		{ID: "publish", Name: "permissions", Value: "publish", On: v.Form.Value("publish") != "", Label: "Publish",
			Help: fmt.Sprintf("Send messages to %s. Enough for CI, scripts and webhooks.", v.Topic)},
		{ID: "subscribe", Name: "permissions", Value: "subscribe", On: v.Form.Value("subscribe") != "",
			Label: "Subscribe", Help: "Read messages over SSE or WebSocket, including history."},
	}
}

func refuseInURL(f web.Form, always bool) web.Check {
	c := web.Check{ID: "refuse_in_url", Name: "refuse_in_url", Value: "1", On: f.Value("refuse_in_url") != "",
		Label: "Refuse this token in URLs", Help: "The token then works only in a header. URLs end up in proxy logs and browser history."}
	if always {
		c.Help = "This server already refuses every token in a URL."
	}
	return c
}

func noticeNetwork(f web.Form) web.Check {
	return web.Check{ID: "new_network", Name: "new_network", Value: "1", On: f.Value("new_network") != "",
		Label: "Notify me about new networks", Help: "A quiet message to your inbox topic when the token is first used from a network not seen before."}
}

func defaultPriority(f web.Form) web.Choice {
	c := web.PriorityChoice("priority", f.Value("priority"))
	c.Label, c.Help = "Default priority", "For messages without a priority."
	// A message that names none has the one in the middle anyway, so to choose that is to choose nothing.
	for i, o := range c.Options {
		if o.Value == "3" {
			c.Options[i].Value = ""
		}
	}
	c.Value = strings.TrimSuffix(c.Value, "3")
	return c
}
