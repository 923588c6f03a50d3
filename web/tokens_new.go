package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NewToken is the form that creates a token.
type NewToken struct {
	Settings
	Form     Form          // values: name, publish, subscribe, expires, date, note, networks, refuse_in_url, priority, tags, password
	Once     string        // single-use id
	Again    bool          // the password is asked for
	More     bool          // the rare fields are unfolded
	Longest  time.Duration // longest life; 0: any
	NoURLs   bool          // the server takes no token from a URL
	Earliest time.Time
}

const oneDay = 24 * time.Hour

// Preset is a filled-in form for a usual place of a token.
type Preset struct {
	ID                 string
	Publish, Subscribe bool
	Days               string // life in days; empty: for ever
}

func (p Preset) may() string {
	switch {
	case p.Publish && p.Subscribe:
		return "publish subscribe"
	case p.Publish:
		return "publish"
	}
	return "subscribe"
}

var presets = []Preset{
	{"ci", true, false, "365"},
	{"monitoring", true, false, ""},
	{"backup", true, false, ""},
	{"webhook", true, false, ""},
	{"home", true, true, ""},
	{"log", false, true, "90"},
	{"wall", false, true, ""},
}

// FillPreset fills a form with a preset, and reports whether there is one of that name.
func FillPreset(ctx context.Context, values map[string]string, id string) bool {
	i := slices.IndexFunc(presets, func(p Preset) bool { return p.ID == id })
	if i < 0 {
		return false
	}
	p := presets[i]
	values["name"], values["expires"] = Say(ctx, "preset."+id+".name"), p.Days
	delete(values, "publish")
	if p.Publish {
		values["publish"] = "1"
	}
	delete(values, "subscribe")
	if p.Subscribe {
		values["subscribe"] = "1"
	}
	if id == "webhook" {
		values["note"] = Say(ctx, "preset.webhook.note")
	}
	values["preset"] = id
	return true
}

// Expiries are the lives in days that the form offers; empty is for ever.
var Expiries = []string{"", "7", "30", "90", "365"}

// Longest is the choice of the longest life that is allowed, offered where none of Expiries is.
const Longest = "max"

func (v NewToken) offers(days string) bool {
	n, _ := strconv.Atoi(days)
	return v.Longest == 0 || n > 0 && time.Duration(n)*oneDay <= v.Longest
}

// longest is the longest life in hours, or where it is not whole in minutes.
func (v NewToken) longest(ctx context.Context) string {
	if v.Longest%time.Hour == 0 {
		return count(ctx, "when.inhours", int(v.Longest/time.Hour))
	}
	return count(ctx, "when.inminutes", int(v.Longest/time.Minute))
}

func (v NewToken) expiryChoice(ctx context.Context) Choice {
	c := Choice{ID: "expires", Label: Say(ctx, "expires"), Value: v.Form.Value("expires"), Error: v.Form.problem(ctx, "expires")}
	for _, days := range Expiries {
		if v.offers(days) {
			c.Options = append(c.Options, Option{Value: days, Label: Say(ctx, "expires."+days)})
		}
	}
	if len(c.Options) == 0 {
		c.Options = append(c.Options, Option{Value: Longest, Label: Say(ctx, "expires.longest", v.longest(ctx))})
	} else if v.Longest > 0 {
		c.Help = count(ctx, "expires.max", int(v.Longest/oneDay))
	}
	if v.Longest == 0 || v.Longest >= 2*oneDay { // the end of tomorrow may be so far
		c.Options = append(c.Options, Option{Value: "date", Label: Say(ctx, "expires.date")})
	}
	return c
}

func (v NewToken) dateField(ctx context.Context) Field {
	attrs := map[string]any{"min": v.Earliest.Format(time.DateOnly)}
	if v.Longest > 0 {
		attrs["max"] = v.Earliest.AddDate(0, 0, int(v.Longest/oneDay)-2).Format(time.DateOnly) // it works to that day's end
	}
	f := v.Form.field(ctx, "expires", "date", "date", attrs)
	f.Label = Say(ctx, "expires.day")
	f.Help = Say(ctx, "expires.day.help", local(ctx, env(ctx).Now).Format("MST"))
	return f
}

func (v NewToken) may(ctx context.Context) []Check {
	return []Check{
		{ID: "publish", Name: "permissions", Value: "publish", On: v.Form.Value("publish") != "", Label: Say(ctx, "token.publish"),
			Help: Say(ctx, "token.publish.help", v.Topic)},
		{ID: "subscribe", Name: "permissions", Value: "subscribe", On: v.Form.Value("subscribe") != "",
			Label: Say(ctx, "token.subscribe"), Help: Say(ctx, "token.subscribe.help")},
	}
}

func refuseInURL(ctx context.Context, f Form, always bool) Check {
	c := Check{ID: "refuse_in_url", Name: "refuse_in_url", Value: "1", On: f.Value("refuse_in_url") != "",
		Label: Say(ctx, "token.refuse_in_url"), Help: Say(ctx, "token.refuse_in_url.help")}
	if always {
		c.Help = Say(ctx, "token.refuse_in_url.always")
	}
	return c
}

func noticeNetwork(ctx context.Context, f Form) Check {
	return Check{ID: "new_network", Name: "new_network", Value: "1", On: f.Value("new_network") != "",
		Label: Say(ctx, "token.new_network"), Help: Say(ctx, "token.new_network.help")}
}

func defaultPriority(ctx context.Context, f Form) Choice {
	c := priorityChoice(ctx, "priority", f.Value("priority"), false)
	c.Label, c.Help = Say(ctx, "token.priority"), Say(ctx, "token.priority.help")
	// A message that names none has the one in the middle anyway, so to choose that is to choose nothing.
	for i, o := range c.Options {
		if o.Value == "3" {
			c.Options[i].Value = ""
		}
	}
	c.Value = strings.TrimSuffix(c.Value, "3")
	return c
}
