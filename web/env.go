// Package web holds the pages: templ views, their view models, and the texts of the pages. It knows no handlers, no database and no rights;
// the caller decides what a view shows.
package web

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"

	"notifer/static"
)

// Env is what any view may need besides its own model: where the site lives, who reads it and how.
type Env struct {
	Base    string         // path prefix of the site without a trailing slash, often empty
	Public  string         // public address without a trailing slash, for the lines people copy
	Local   string         // host and port that a proxy on this machine reaches us by
	Theme   string         // "light", "dark" or empty for the system's
	Zone    *time.Location // the reader's time zone; nil means UTC
	Dates   string         // "relative", "absolute" or "both"; empty means relative
	Now     time.Time      // the moment of rendering; zero means the real clock
	User    *User          // nil for a visitor who has not signed in
	Account string         // id of the account that reads, or of the paired device's key; empty for a visitor
	Paired  string         // name of the paired device that reads; empty otherwise
	Place   string         // which entry of the header is current: "home", "account", "admin", "docs"
	Flash   *Flash         // what the last action did, shown once
	Plain   bool           // the page came over plain HTTP from another machine
	PushKey string         // the server's key of web push, empty while that is off
	Beat    time.Duration  // between two heartbeats of a stream
	Proof   func() string  // what a form that begins a session has to send as proof; nil or empty: nothing
}

// User is the reader who is signed in.
type User struct {
	Name  string
	Admin bool
}

// Flash is one line about an action that has just happened.
type Flash struct {
	Key  string // message id
	Args []any
}

type envKey struct{}

// With gives views rendered under the returned context their environment.
func With(ctx context.Context, e Env) context.Context {
	if e.Now.IsZero() {
		e.Now = time.Now()
	}
	if e.Zone == nil {
		e.Zone = time.UTC
	}
	return context.WithValue(ctx, envKey{}, e)
}

// Render writes one view in its environment.
func Render(ctx context.Context, w io.Writer, e Env, view templ.Component) error {
	return view.Render(With(ctx, e), w)
}

// EnvOf is the environment that With has given to ctx, or else an empty one in UTC.
func EnvOf(ctx context.Context) Env {
	e, ok := ctx.Value(envKey{}).(Env)
	if !ok {
		return Env{Zone: time.UTC, Now: time.Now()}
	}
	return e
}

func (e Env) proof() string {
	if e.Proof == nil {
		return ""
	}
	return e.Proof()
}

// To turns a path of the site into a link, with the site's prefix.
func To(ctx context.Context, path string) templ.SafeURL {
	return templ.SafeURL(EnvOf(ctx).Base + path)
}

// Asset is the link to an embedded file of package static. It panics for a name that is not embedded.
func Asset(ctx context.Context, name string) string { return EnvOf(ctx).Base + static.URL(name) }

// PublicURL is the absolute URL of a path of the site.
func PublicURL(ctx context.Context, path string) string { return EnvOf(ctx).Public + path }
