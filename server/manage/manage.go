// Package manage decides what may be made, changed and ended: topics, tokens, keys, accounts and messages. The HTTP
// interface, the pages, the command line, the declarations of the configuration and the demo all come through here, so a
// rule is written once.
//
// It takes plain values and returns types of the store. It knows no request, no page and no command.
//
// What a rule forbids is an *Error, or Problems where several values may be wrong at once: of the kind auth.ErrInvalid for a
// value, auth.ErrMalformed for what makes no sense where it is asked, auth.ErrForbidden for a key that may not hand out so much,
// auth.ErrConflict for what is taken or has ended, and db.ErrLimit for a bound that is reached. What does not exist is
// db.ErrNotFound or auth.ErrNotFound. Any other error is one of the store.
package manage

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/plaintext"
)

// Manager applies the rules to a store. All methods may be called from any goroutine.
type Manager struct {
	d     *db.DB
	auth  *auth.Auth
	rules Rules
}

// Rules are the settings that the rules depend on.
type Rules struct {
	DefaultExpiry time.Duration     // of a new token that names none; 0 is never
	MaxExpiry     time.Duration     // longest lifetime of a token; 0 is no bound
	KeepEnded     time.Duration     // how long ended tokens stay listed; 0 is for ever
	MaxTopics     int               // of an account; 0 is no bound
	Host          string            // of the public URL: a word that no password is made of
	Reserved      func(string) bool // names that no topic may have, beside those of the form of an id
}

// New makes a Manager over an open store. Without one, nil twice, it can only check.
func New(d *db.DB, a *auth.Auth, r Rules) *Manager {
	if r.Reserved == nil {
		r.Reserved = func(string) bool { return false }
	}
	return &Manager{d: d, auth: a, rules: r}
}

// Rules are the settings that the rules depend on.
func (m *Manager) Rules() Rules { return m.rules }

// Actor is who asks for a change. Whether the actor may change the thing at all is decided before; here only what depends
// on the values is.
type Actor struct {
	User db.User // owns what is made
	Key  *db.Key // set when an API key alone is behind the request
	By   db.By   // for the activity log
}

// ActorOf is the caller of a request.
func ActorOf(p *auth.Principal) Actor {
	a := Actor{By: p.By()}
	if u := p.User(); u != nil {
		a.User = *u
	}
	if p.Session() == nil {
		a.Key = p.Key()
	}
	return a
}

// lacks returns the first scope of the list that the actor's key does not have, or an empty text.
func (a Actor) lacks(scopes ...string) string {
	for _, s := range scopes {
		if a.Key != nil && !a.Key.Has(s) {
			return s
		}
	}
	return ""
}

// Error is why something is refused. Kind is one of the kinds of package auth, Field names the value that is wrong in the
// words of the HTTP interface (empty: none of them alone), and Detail says what to change.
type Error struct {
	Kind   error
	Field  string
	Detail string
}

func (e *Error) Error() string { return e.Detail }

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Errors are all faults of a set of values. As an error they are the first of them.
type Errors []*Error

func (p Errors) Error() string { return p[0].Detail }

// Unwrap returns the first fault.
func (p Errors) Unwrap() error { return p[0] }

// or is nil when there is no fault.
func (p Errors) or() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// add notes a fault; nil is none.
func (p *Errors) add(err error) {
	if err == nil {
		return
	}
	e, ours := errors.AsType[*Error](err)
	if !ours {
		e = &Error{Kind: err, Detail: err.Error()}
	}
	*p = append(*p, e)
}

func invalid(field, format string, args ...any) error {
	return &Error{Kind: auth.ErrInvalid, Field: field, Detail: fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) error {
	return &Error{Kind: auth.ErrForbidden, Detail: fmt.Sprintf(format, args...)}
}

// limit is the error for a bound that is reached.
func limit(format string, args ...any) error {
	return &Error{Kind: db.ErrLimit, Detail: fmt.Sprintf(format, args...)}
}

func conflict(field, format string, args ...any) error {
	return &Error{Kind: auth.ErrConflict, Field: field, Detail: fmt.Sprintf(format, args...)}
}

const maxName = 60 // characters of the name of a token or key

// CheckName returns the canonical form of the name of a token or key. It refuses a name that cannot be seen, is too long,
// or turns around what stands beside it.
func CheckName(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	seen := strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && unicode.IsGraphic(r) })
	if !seen || utf8.RuneCountInString(name) > maxName || plaintext.HasControl(name) || !utf8.ValidString(name) {
		return "", invalid("name", "name must have 1 to %d visible characters", maxName)
	}
	return name, nil
}

// now is the time by which credentials end.
func (m *Manager) now() time.Time {
	switch {
	case m.auth != nil:
		return m.auth.Now()
	case m.d != nil:
		return m.d.Now()
	}
	return time.Now()
}

// lastYear bounds expiries: RFC 3339 writes years of four digits.
const lastYear = 9000

// checkExpiry refuses an end that is over, or further away than can be written.
func (m *Manager) checkExpiry(at time.Time) error {
	switch {
	case at.IsZero():
		return nil
	case !at.After(m.now()):
		return invalid("expires_at", "expires_at is in the past")
	case at.UTC().Year() > lastYear:
		return invalid("expires_at", "expires_at is after the year %d: leave it out for never", lastYear)
	}
	return nil
}

// ParseMoment reads an RFC 3339 time, with or without a zone (then UTC), or a date (then the end of that day, UTC).
func ParseMoment(v string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	t, err := time.Parse(time.DateOnly, v)
	return t.AddDate(0, 0, 1), err == nil
}

// changes names the fields that differ, for the activity log.
func changes(list []fieldChange) []string {
	var out []string
	for _, f := range list {
		if f.changed {
			out = append(out, f.name)
		}
	}
	return out
}

type fieldChange struct {
	name    string
	changed bool
}
