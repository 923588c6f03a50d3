package web

import (
	"context"
	"strconv"
	"time"
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
	Notices []Problem
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
	InURL                bool // was sent in a URL of late
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

// empty is the key of what stands where no live tokens are.
func (v Tokens) empty() string {
	if len(v.Ended) > 0 {
		return "token.empty.live"
	}
	return "token.empty"
}

func (t Token) used() bool { return !t.LastUsedAt.IsZero() }

func (t Token) ended() bool { return t.Status == "revoked" || t.Status == "expired" }

// expires is the key of the name of its end.
func (t Token) expires() string {
	if t.Status == "expired" {
		return "state.expired"
	}
	return "token.expires"
}

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
	add := func(kind, key string, args ...any) {
		out = append(out, badge{kind, Say(ctx, key, args...), key == "state.unused"})
	}
	switch t.Status {
	case "leaked":
		add("bad", "state.leaked")
	case "expired", "revoked":
		add("", "state."+t.Status)
		return out
	}
	if t.rotating() {
		add("warn", "state.rotating", moment(ctx, t.OldUntil))
	}
	if left := t.ExpiresAt.Sub(env(ctx).Now); !t.ExpiresAt.IsZero() && left <= 7*24*time.Hour {
		add("warn", "state.expiring", until(ctx, left))
	}
	switch {
	case !t.used():
		add("", "state.unused")
	case t.Status == "idle":
		add("warn", "state.idle", local(ctx, t.LastUsedAt).Format("2 Jan"))
	}
	if t.InURL {
		add("warn", "state.url")
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

func via(ctx context.Context, v string) string { return Say(ctx, "via."+v) }

// expiry says when a token ends or has ended, how far that is, and in which zone the date is meant.
func expiry(ctx context.Context, at time.Time) string {
	return Say(ctx, "token.expires.at", ago(ctx, at), local(ctx, at).Format("2 Jan 2006, 15:04 MST"))
}

func lastUse(ctx context.Context, t Token) string {
	return Say(ctx, "revoke.last", ago(ctx, t.LastUsedAt), t.LastUsedFrom, count(ctx, "times", t.Week))
}

func revokeQuestion(ctx context.Context, v TokenQuestion) Question {
	body := []string{Say(ctx, "revoke.unused")}
	if v.Token.used() {
		body = []string{Say(ctx, "revoke.next"), lastUse(ctx, v.Token), Say(ctx, "revoke.final")}
		if v.Token.Streams > 0 {
			body[0] = Say(ctx, "revoke.body", count(ctx, "streams.close", v.Token.Streams))
		}
	}
	return Question{
		Title: Say(ctx, "revoke.title", v.Token.Name), Body: body, Yes: Say(ctx, "revoke.yes"), No: Say(ctx, "keep"),
		Action: v.token(v.Token, "/revoke"), Back: v.path("/tokens"), Kind: "danger", Glyph: "x", Alert: true,
	}
}

func endOldQuestion(ctx context.Context, v TokenQuestion) Question {
	body := Say(ctx, "endold.unused", v.Token.OldHint)
	if !v.Token.OldUsedAt.IsZero() {
		body = Say(ctx, "endold.body", v.Token.OldHint, ago(ctx, v.Token.OldUsedAt))
	}
	return Question{
		Title: Say(ctx, "endold.title", v.Token.Name), Body: []string{body}, Yes: Say(ctx, "endold.yes"), No: Say(ctx, "keep"),
		Action: v.token(v.Token, "/end-old"), Back: v.path("/tokens"), Kind: "danger", Glyph: "x", Alert: true,
	}
}

func rotateQuestion(ctx context.Context, v TokenQuestion) Question {
	body := []string{Say(ctx, "rotate.body")}
	if v.Token.used() {
		body = append(body, lastUse(ctx, v.Token))
	} else {
		body = append(body, Say(ctx, "rotate.unused"))
	}
	return Question{
		Title: Say(ctx, "rotate.title", v.Token.Name), Body: body, Yes: Say(ctx, "rotate.yes"), No: Say(ctx, "cancel"),
		Action: v.token(v.Token, "/rotate"), Back: v.path("/tokens"), Kind: "primary", Glyph: "swap",
	}
}

// RevokeAll is the question before all tokens of a topic are revoked.
type RevokeAll struct {
	Settings
	Live  int
	Form  Form // values: confirm, password
	Again bool // the password is asked for
}

func revokeAllQuestion(ctx context.Context, v RevokeAll) Question {
	return Question{Title: Say(ctx, "revokeall.title"), Body: []string{Say(ctx, "revokeall.sure", count(ctx, "tokens.live", v.Live))},
		Yes: Say(ctx, "revokeall.action"), No: Say(ctx, "keep"), Action: v.path("/revoke-all"), Back: v.path("/advanced"),
		Kind: "danger", Glyph: "x"}
}

func graceChoice(ctx context.Context, value string) Choice {
	c := Choice{ID: "grace", Label: Say(ctx, "grace"), Value: value}
	for _, seconds := range []string{"0", "3600", "86400", "604800"} {
		c.Options = append(c.Options, Option{Value: seconds, Label: Say(ctx, "grace."+seconds)})
	}
	return c
}

func passwordField(ctx context.Context, f Form) Field {
	p := f.field(ctx, "again", "password", "password", map[string]any{"autocomplete": "current-password"})
	p.Required = true
	return p
}

// expiryChoice is the choice of a life in days.
func expiryChoice(ctx context.Context, value string) Choice {
	c := Choice{ID: "expires", Label: Say(ctx, "expires"), Value: value}
	for _, days := range Expiries {
		c.Options = append(c.Options, Option{Value: days, Label: Say(ctx, "expires."+days)})
	}
	return c
}

// Reveal is a secret in the one answer that holds it.
type Reveal struct{ Name, Secret string }

// Distance is a time to come in words.
func Distance(d time.Duration) string { return until(context.Background(), d) }

// UseText is a use of a token in words, with %t where its time and %a where its address belongs.
func UseText(ctx context.Context, route string, old bool) string {
	text := "%t " + Say(ctx, "token.from", "%a") + " · " + via(ctx, route)
	if old {
		text += " " + Say(ctx, "token.old")
	}
	return text
}

// events is the address of the stream that keeps the page fresh, from the moment it was made.
func (s Settings) events(ctx context.Context) string {
	return string(To(ctx, s.path("/tokens/events?since="+strconv.FormatInt(env(ctx).Now.UnixMilli(), 10))))
}
