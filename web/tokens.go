package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Tokens is the access tokens page of a topic.
type Tokens struct {
	Settings
	Tokens  []Token // live, in the order they are shown
	Ended   []Token
	Reveal  *TokenReveal // a secret to show, once
	Gone    *Token       // the token whose secret was shown already
	Once    string       // single-use id of the forms on the page
	Next    string       // id of the token whose card gets the focus
	Focus   bool         // nothing is left to focus but Create
	Idle    bool         // only idle tokens are asked for
	Sort    string       // by what the list is sorted: "name", "used", "total", "expires", "by", or empty
	Notices []TokenNotice
	Refused []Refusal
	Deeds   []Deed
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
	Status               string    // unused, active, idle, expiring, rotating, leaked, expired or revoked
	OldHint              string    // of the secret before a rotation, while it works
	OldUntil, OldUsedAt  time.Time
	InURL                bool // was sent in a URL recently
	Warnings             int  // messages published with it that had to be mended
	Warning              string
	WarningAt            time.Time
	EndedAt              time.Time
	EndedBy              string
	RefuseInURL          bool
	Networks             string
	Priority             int
	Tags                 string
}

// TokenReveal is a new secret in the one answer that holds it.
type TokenReveal struct {
	Token  Token
	Secret string
}

// Refusal is one request that was turned away.
type Refusal struct {
	At           time.Time
	Address, Via string
	Text         string // after the name of the token, where it was recognised
	Hint         string // of the secret
	Status       int
}

// TokenQuestion is what a reader is about to do to a token.
type TokenQuestion struct {
	Settings
	Token Token
	Form  Form   // values: grace, password
	Once  string // single-use id
	Again bool   // the password is asked for
}

func (s Settings) token(t Token, rest string) string { return s.path("/tokens/" + t.ID + rest) }

// emptyTitle is what a list without live tokens says.
func (v Tokens) emptyTitle() string {
	if len(v.Ended) > 0 {
		return "No live tokens."
	}
	return "No tokens yet."
}

func (v Tokens) emptyAction() string {
	if len(v.Ended) > 0 {
		return "Create token"
	}
	return "Create your first token"
}

func (t Token) used() bool { return !t.LastUsedAt.IsZero() }

func (t Token) ended() bool { return t.Status == "revoked" || t.Status == "expired" }

// expires is the label of its end.
func (t Token) expires() string {
	if t.Status == "expired" {
		return "Expired"
	}
	return "Expires"
}

// dot is the colour of a token's state.
func (t Token) dot() string {
	switch {
	case t.Status == "leaked":
		return "bad"
	case t.rotating() || t.Status == "expiring" || t.InURL:
		return "warn"
	case !t.used() || t.Status == "idle":
		return "off"
	}
	return "good"
}

// tokenSorts are the columns that the list can be sorted by.
var tokenSorts = []Tab{{ID: "name", Name: "Name"}, {ID: "used", Name: "Last used"}, {ID: "total", Name: "Total requests"}, {ID: "expires", Name: "Expires"}, {ID: "by", Name: "Created by"}}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// look differs when a card must be drawn anew.
func (t Token) look() string { return t.Status + t.Hint + t.OldHint + t.Name }

func (t Token) rotating() bool { return t.OldHint != "" }

// silent reports whether a token should have been heard of by now.
func (t Token) silent(ctx context.Context) bool {
	return !t.used() && env(ctx).Now.Sub(t.CreatedAt) > 10*time.Minute
}

type badge struct {
	kind, text string
	unused     bool // goes away with the first use
}

// badges are the words that say what is unusual about a token.
func badges(ctx context.Context, t Token) []badge {
	var out []badge
	add := func(kind, text string) { out = append(out, badge{kind: kind, text: text}) }
	switch t.Status {
	case "leaked":
		add("bad", "Leaked")
	case "expired":
		add("", "Expired")
		return out
	case "revoked":
		add("", "Revoked")
		return out
	}
	if t.rotating() {
		add("warn", "Rotating")
	}
	if left := t.ExpiresAt.Sub(env(ctx).Now); !t.ExpiresAt.IsZero() && left <= 7*24*time.Hour {
		add("warn", "Expires "+until(left))
	}
	switch {
	case !t.used():
		out = append(out, badge{text: "Never used", unused: true})
	case t.Status == "idle":
		add("warn", "Idle since "+local(ctx, t.LastUsedAt).Format("2 Jan"))
	}
	if t.InURL {
		add("warn", "Seen in a URL")
	}
	return out
}

// moment is the time of day today, and the day too on any other.
func moment(ctx context.Context, at time.Time) string {
	if dayKey(ctx, at) == dayKey(ctx, env(ctx).Now) {
		return clock(ctx, at)
	}
	return local(ctx, at).Format("2 Jan, 15:04")
}

// via is the route a request came by.
func via(v string) string {
	if v == "" {
		return "api"
	}
	return v
}

// expiry says when a token ends or has ended, how far that is, and in which zone the date is meant.
func expiry(ctx context.Context, at time.Time) string {
	return fmt.Sprintf("%s (%s)", ago(ctx, at), local(ctx, at).Format("2 Jan 2006, 15:04 MST"))
}

func lastUse(ctx context.Context, t Token) string {
	return fmt.Sprintf("Last used %s from %s, %s this week.", ago(ctx, t.LastUsedAt), t.LastUsedFrom, plural(t.Week, "time", "times"))
}

func revokeQuestion(ctx context.Context, v TokenQuestion) Question {
	body := []string{"It has never been used, so nothing should break."}
	if v.Token.used() {
		body = []string{"It stops working at once: the next request gets 401.", lastUse(ctx, v.Token), "This cannot be undone."}
		if v.Token.Streams > 0 {
			body[0] = fmt.Sprintf("It stops working at once: the next request gets 401 and %s.", plural(v.Token.Streams, "open stream closes", "open streams close"))
		}
	}
	return Question{
		Title: fmt.Sprintf("Revoke \"%s\"?", v.Token.Name), Body: body, Yes: "Revoke token", No: "Keep it",
		Action: v.token(v.Token, "/revoke"), Back: v.path("/tokens"), Kind: "bad", Glyph: "ban", Alert: true,
	}
}

func endOldQuestion(ctx context.Context, v TokenQuestion) Question {
	body := fmt.Sprintf("%s stops working at once. Nothing has used it since the rotation.", v.Token.OldHint)
	if !v.Token.OldUsedAt.IsZero() {
		body = fmt.Sprintf("%s stops working at once. It was last used %s.", v.Token.OldHint, ago(ctx, v.Token.OldUsedAt))
	}
	return Question{
		Title: fmt.Sprintf("End the old secret of \"%s\"?", v.Token.Name), Body: []string{body}, Yes: "End old secret", No: "Keep it",
		Action: v.token(v.Token, "/end-old"), Back: v.path("/tokens"), Kind: "bad", Glyph: "ban", Alert: true,
	}
}

func rotateQuestion(ctx context.Context, v TokenQuestion) Question {
	body := []string{"You get a new secret; name, permissions and counters stay. The old one keeps working for the time you choose."}
	if v.Token.used() {
		body = append(body, lastUse(ctx, v.Token))
	} else {
		body = append(body, "It has never been used, so the old secret can stop working now.")
	}
	return Question{
		Title: fmt.Sprintf("Rotate \"%s\"?", v.Token.Name), Body: body, Yes: "Rotate token", No: "Cancel",
		Action: v.token(v.Token, "/rotate"), Back: v.path("/tokens"), Kind: "main", Glyph: "rotate",
	}
}

// RevokeAll is the question before all tokens of a topic are revoked.
type RevokeAll struct {
	Settings
	Live  int
	Form  Form // values: confirm, password
	Again bool // the password is asked for
}

func revokeAllQuestion(v RevokeAll) Question {
	q := Question{Title: "Revoke all tokens", Body: []string{Number(v.Live) + " live tokens of this topic stop working at once. This cannot be undone."}, No: "Keep them",
		Yes: "Revoke all tokens", Action: v.path("/revoke-all"), Back: v.path("/advanced"), Kind: "bad", Glyph: "ban"}
	if v.Live == 1 {
		q.Body, q.No = []string{"1 live token of this topic stops working at once. This cannot be undone."}, "Keep it"
	}
	return q
}

// grace is how long the old secret works unless the reader has chosen: not at all where nothing has used it.
func (v TokenQuestion) grace() string {
	if chosen := v.Form.Value("grace"); chosen != "" {
		return chosen
	}
	if !v.Token.used() {
		return "0"
	}
	return "86400"
}

func graceChoice(value string) Choice {
	c := Choice{ID: "grace", Label: "Old secret keeps working for", Value: value}
	c.Options = []Option{{Value: "0", Label: "Stop it now"}, {Value: "3600", Label: "1 hour"}, {Value: "86400", Label: "24 hours"}, {Value: "604800", Label: "7 days"}}
	return c
}

func passwordField(f Form) Field {
	p := f.fill(Field{ID: "current_password", Type: "password", Label: "Your password", Help: "You signed in a while ago. Enter your password again to confirm.", Attrs: templ.Attributes{"autocomplete": "current-password"}})
	p.Required = true
	return p
}

// expiryChoice is the choice of a life in days.
func expiryChoice(value string) Choice {
	c := Choice{ID: "expires", Label: "Expires", Value: value}
	for _, days := range Expiries {
		c.Options = append(c.Options, Option{Value: days, Label: expiryName(days)})
	}
	return c
}

func expiryName(days string) string {
	switch days {
	case "":
		return "Never"
	case "365":
		return "In 1 year"
	}
	return "In " + days + " days"
}

// Reveal is a secret in the one answer that holds it.
type Reveal struct{ Name, Secret string }

// Distance is a time to come in words.
func Distance(d time.Duration) string { return until(d) }

// UseText is a use of a token in words, with %t where its time and %a where its address belongs.
func UseText(ctx context.Context, route string, old bool) string {
	text := "%t " + fmt.Sprintf("from %s", "%a") + " · " + via(route)
	if old {
		text += " " + "(old secret)"
	}
	return text
}

// events is the address of the stream that keeps the page fresh, from the moment it was made.
func (s Settings) events(ctx context.Context) string {
	return string(To(ctx, s.path("/tokens/events?since="+strconv.FormatInt(env(ctx).Now.UnixMilli(), 10))))
}
