// Package tokens owns the pages of a topic's access tokens: their views, view models and texts.
package tokens

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
	"notifer/web"
	"notifer/web/examples"
)

// List is the access tokens page of a topic.
type List struct {
	web.Settings
	Tokens   []Token // live, in the order they are shown
	Ended    []Token
	Reveal   *Secret // a secret to show, once
	Gone     *Token  // the token whose secret was shown already
	Once     string  // single-use id of the forms on the page
	Next     string  // id of the token whose card gets the focus
	Focus    bool    // nothing is left to focus but Create
	Show     string  // which are shown: "attention", "unused", "idle", or empty for all
	All      int     // live tokens, shown or not
	Counts   [2]int  // those that need attention, and those never used
	Sort     string  // by what the list is sorted: "name", "used", "total", "expires", "by", or empty
	Notices  []Notice
	Refused  []Refusal
	Activity []web.ActivityLine
}

// Token is one token in the list.
type Token struct {
	ID, Name, Hint, Note string
	Publish, Subscribe   bool
	CreatedBy, CreatorID string // the id is empty when the account is gone
	CreatedAt            time.Time
	LastUsedAt           time.Time // zero: never
	LastUsedFrom         string
	LastUsedVia          string
	LastOld              bool // the last use was with the old secret
	Requests, Refused    int
	Week                 int       // requests of the last seven days
	Days                 []int     // requests per day, the newest last
	ExpiresAt            time.Time // zero: never
	Streams              int       // open now
	Status               api.Status
	OldHint              string // of the secret before a rotation, while it works
	OldUntil, OldUsedAt  time.Time
	InURL                bool // was sent in a URL recently
	Warnings             int  // messages published with it that had to be corrected
	Warning              string
	WarningAt            time.Time
	EndedAt              time.Time
	EndedBy              string
	Networks             string
	Priority             int
	Tags                 string
	Shape, Sender        string // what sends with it: the id and the name
}

// Secret is a new secret in the one answer that holds it.
type Secret struct {
	Token  Token
	Secret string
	Sender *Sender // nil: none was chosen
}

// Refusal is one request that was turned away.
type Refusal struct {
	At, First    time.Time // the last and the first time
	Times        int
	Group        uint64 // the same for all times
	Address, Via string
	Text         string // after the name of the token, where it was recognised
	Hint         string // of the secret
	Status       int
}

// Question is what a reader is about to do to a token.
type Question struct {
	web.Settings
	Token Token
	Form  web.Form // values: grace, password
	Once  string   // single-use id
	Again bool     // the password is asked for
}

// use is what a token may do, for its examples.
func use(ctx context.Context, s web.Settings, t Token) examples.Use {
	return examples.Use{Topic: web.PublicURL(ctx, "/"+s.Topic), Publish: t.Publish, Subscribe: t.Subscribe}
}

func path(s web.Settings, t Token, rest string) string { return s.Path("/tokens/" + t.ID + rest) }

// emptyTitle is what a list without live tokens says.
func (v List) emptyTitle() string {
	if len(v.Ended) > 0 {
		return "No live tokens"
	}
	return "No tokens yet"
}

func (v List) emptyAction() string {
	if len(v.Ended) > 0 {
		return "Create token"
	}
	return "Create your first token"
}

func (t Token) used() bool { return !t.LastUsedAt.IsZero() }

func (t Token) ended() bool { return t.Status == api.Revoked || t.Status == api.Expired }

// expires is the label of its end.
func (t Token) expires() string {
	if t.Status == api.Expired {
		return "Expired"
	}
	return "Expires"
}

// tokenSorts are the columns that the list can be sorted by.
var tokenSorts = []web.Tab{{ID: "name", Name: "Name"}, {ID: "used", Name: "Last used"}, {ID: "total", Name: "Total requests"}, {ID: "expires", Name: "Expires"}, {ID: "by", Name: "Created by"}}

// Count counts the tokens before some of them are left out.
func (v *List) Count() {
	v.All = len(v.Tokens)
	for _, t := range v.Tokens {
		for i, show := range []string{"attention", "unused"} {
			if t.Fits(show) {
				v.Counts[i]++
			}
		}
	}
}

func (v List) all() int { return max(v.All, len(v.Tokens)) }

// Fits reports whether a token belongs to the part of the list that is asked for.
func (t Token) Fits(show string) bool {
	switch show {
	case "attention":
		return t.Status == api.Leaked || t.Status == api.Expiring || t.Status == api.Idle || t.rotating() || t.InURL || t.Warnings > 0
	case "unused":
		return !t.used()
	case "idle":
		return t.Status == api.Idle
	}
	return true
}

// at is the path of the list with a part and an order of it.
func (v List) at(show, sort string) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if sort != "" {
		q.Set("sort", sort)
	}
	path := v.Path("/tokens")
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// look differs when a card must be drawn anew.
func (t Token) look() string { return string(t.Status) + t.Hint + t.OldHint + t.Name }

func (t Token) rotating() bool { return t.OldHint != "" }

// silent reports whether a token should have been heard of by now.
func (t Token) silent(ctx context.Context) bool {
	return !t.used() && web.EnvOf(ctx).Now.Sub(t.CreatedAt) > 10*time.Minute
}

// via is the route a request came by.
func via(v string) string {
	if v == "" {
		return "api"
	}
	return v
}

func lastUse(ctx context.Context, t Token) string {
	return fmt.Sprintf("Last used %s from %s, %s this week.", web.Ago(ctx, t.LastUsedAt), t.LastUsedFrom, web.Plural(t.Week, "time", "times"))
}

func revokeQuestion(ctx context.Context, v Question) web.Question {
	body := []string{"It has never been used, so nothing should break."}
	if v.Token.used() {
		body = []string{"It stops working at once: the next request gets 401.", lastUse(ctx, v.Token), "This cannot be undone."}
		if v.Token.Streams > 0 {
			body[0] = fmt.Sprintf("It stops working at once: the next request gets 401 and %s.", web.Plural(v.Token.Streams, "open stream closes", "open streams close"))
		}
	}
	return web.Question{
		Title: fmt.Sprintf("Revoke \"%s\"?", v.Token.Name), Body: body, Yes: "Revoke token", No: "Keep it",
		Action: path(v.Settings, v.Token, "/revoke"), Back: v.Path("/tokens"), Kind: "bad", Glyph: "ban", Alert: true,
	}
}

func endOldQuestion(ctx context.Context, v Question) web.Question {
	body := fmt.Sprintf("%s stops working at once. Nothing has used it since the rotation.", v.Token.OldHint)
	if !v.Token.OldUsedAt.IsZero() {
		body = fmt.Sprintf("%s stops working at once. It was last used %s.", v.Token.OldHint, web.Ago(ctx, v.Token.OldUsedAt))
	}
	return web.Question{
		Title: fmt.Sprintf("End the old secret of \"%s\"?", v.Token.Name), Body: []string{body}, Yes: "End old secret", No: "Keep it",
		Action: path(v.Settings, v.Token, "/end-old"), Back: v.Path("/tokens"), Kind: "bad", Glyph: "ban", Alert: true,
	}
}

func rotateQuestion(ctx context.Context, v Question) web.Question {
	body := []string{"You get a new secret; name, permissions and counters stay. The old one keeps working for the time you choose."}
	if v.Token.used() {
		body = append(body, lastUse(ctx, v.Token))
	} else {
		body = append(body, "It has never been used, so the old secret can stop working now.")
	}
	if v.Token.rotating() {
		body = append(body, v.Token.OldHint+", the secret from before the last rotation, stops working at once.")
	}
	return web.Question{
		Title: fmt.Sprintf("Rotate \"%s\"?", v.Token.Name), Body: body, Yes: "Rotate token", No: "Cancel",
		Action: path(v.Settings, v.Token, "/rotate"), Back: v.Path("/tokens"), Kind: "main", Glyph: "rotate",
	}
}

// RevokeAll is the question before all tokens of a topic are revoked.
type RevokeAll struct {
	web.Settings
	Live  int
	Form  web.Form // values: confirm, password
	Again bool     // the password is asked for
}

func revokeAllQuestion(v RevokeAll) web.Question {
	q := web.Question{Title: "Revoke all tokens", Body: []string{web.Number(v.Live) + " live tokens of this topic stop working at once. This cannot be undone."}, No: "Keep them",
		Yes: "Revoke all tokens", Action: v.Path("/revoke-all"), Back: v.Path("/advanced"), Kind: "bad", Glyph: "ban"}
	if v.Live == 1 {
		q.Body, q.No = []string{"1 live token of this topic stops working at once. This cannot be undone."}, "Keep it"
	}
	return q
}

// grace is how long the old secret works unless the reader has chosen: not at all where nothing has used it.
func (v Question) grace() string {
	if chosen := v.Form.Value("grace"); chosen != "" {
		return chosen
	}
	if !v.Token.used() {
		return "0"
	}
	return "86400"
}

func graceChoice(value string) web.Choice {
	c := web.Choice{ID: "grace", Label: "Old secret keeps working for", Value: value}
	c.Options = []web.Option{{Value: "0", Label: "Stop it now"}, {Value: "3600", Label: "1 hour"}, {Value: "86400", Label: "24 hours"}, {Value: "604800", Label: "7 days"}}
	return c
}

// UseText describes a use of a token. A script replaces %t by the time and %a by the IP address.
func UseText(route string, old bool) string {
	text := "%t from %a · " + via(route)
	if old {
		text += " (old secret)"
	}
	return text
}

// events is the address of the stream that keeps the page fresh, from the moment it was made.
func events(ctx context.Context, s web.Settings) string {
	return string(web.To(ctx, s.Path("/tokens/events?since="+strconv.FormatInt(web.EnvOf(ctx).Now.UnixMilli(), 10))))
}

func (t Token) credential() web.Credential {
	return web.Credential{Status: t.Status, LastUsedAt: t.LastUsedAt, ExpiresAt: t.ExpiresAt, Rotating: t.rotating(), InURL: t.InURL}
}
