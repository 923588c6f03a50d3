// Package frame is what all pages have in common: how a view is rendered and sent, forms, errors, preferences, and secrets that
// are shown once. It knows no page.
package frame

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/push"
	"notifer/server/request"
	"notifer/web"
)

// Settings are what pages show or heed of the configuration.
type Settings struct {
	Version      string
	Registration bool          // anybody may register
	RefuseInURLs bool          // no token is taken from a URL
	Retention    time.Duration // of messages, where a topic has no rule of its own
	WriteTimeout time.Duration // a reader that stalls is dropped after
	Heartbeat    time.Duration // between two signs of life on a stream
	Push         *push.Pusher  // nil when web push is off
	Checks       func() []web.Finding
}

// Frame is the common part of all pages. Its methods may be called from any goroutine.
type Frame struct {
	// immutable after New
	Site     *request.Site
	DB       *db.DB
	Auth     *auth.Auth
	Manage   *manage.Manager
	Settings Settings
	Stopping context.Context // streams of pages end with it

	forms   *formDedup
	secrets *onceSecrets
}

// New makes the frame of a site's pages.
func New(stopping context.Context, site *request.Site, m *manage.Manager, settings Settings) *Frame {
	d := site.DB
	return &Frame{Site: site, DB: d, Auth: site.Auth, Manage: m, Settings: settings, Stopping: stopping,
		forms: newFormDedup(d.Now), secrets: newOnceSecrets(d.Now)}
}

// contentPolicy lets a page load only what this server sends, and nothing that could act on its own.
func (p *Frame) contentPolicy() string {
	connect := "'self'"
	if u := p.Site.BaseURL; u != nil {
		connect += " " + u.Scheme + "://" + u.Host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " + connect +
		"; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
}

// PageHeaders are those of every page. Only our own pages may know the referrer: under no-referrer a browser sends
// "Origin: null" with forms, and without TLS no Sec-Fetch-Site either, so that they would look like those of another site.
func (p *Frame) PageHeaders(c *request.Call) {
	h := c.W.Header()
	h.Set("Content-Security-Policy", p.contentPolicy())
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.trustworthy(c.R) {
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}

// trustworthy reports whether a browser takes this address for a secure context: TLS, or the machine itself. The public
// URL decides where it is configured: a proxy may not pass the Host on that the browser knows.
func (p *Frame) trustworthy(r *http.Request) bool {
	host, secure := (&url.URL{Host: r.Host}).Hostname(), p.Site.Secure(r)
	if base := p.Site.BaseURL; base != nil {
		host, secure = base.Hostname(), base.Scheme == "https"
	}
	address, err := netip.ParseAddr(host)
	return secure || err == nil && address.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Render answers with a view. It is rendered before anything is sent, so an error can still become a page of its own.
func (p *Frame) Render(c *request.Call, status int, view templ.Component) error {
	var out bytes.Buffer
	if err := web.Render(c.R.Context(), &out, p.viewEnv(c), view); err != nil {
		return err
	}
	h := c.W.Header()
	p.PageHeaders(c)
	h.Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusUnauthorized {
		request.Challenge(h)
	}
	return p.send(c, status, &out)
}

// viewEnv is what every view of this request may need. The flash is shown once: reading it clears it.
func (p *Frame) viewEnv(c *request.Call) web.Env {
	e := web.Env{Base: p.Site.Base, Public: p.Site.Link(c.R, ""), Local: localAddress(c.R), Now: p.DB.Now(), Place: placeOf(c.R.URL.Path), Beat: p.Settings.Heartbeat, PushKey: p.PushKey(),
		Zone: p.ReaderZone(c), Plain: !p.trustworthy(c.R), Flash: p.takeFlash(c),
		Proof: func() string { return p.Site.FormProof(c) }}
	if k, err := c.R.Cookie(ThemeCookie); err == nil {
		e.Theme = ThemeName(k.Value)
	}
	if c.Who != nil && c.Who.Paired() {
		e.Paired, e.Account = c.Who.Key().Name, c.Who.Key().ID
	}
	if u := c.User(); u != nil {
		e.User, e.Account = &web.User{Name: u.Username, Admin: u.IsAdmin}, u.ID
		prefs := ParsePreferences(u.Preferences)
		e.Theme, e.Dates = prefs.Theme, prefs.Dates
	}
	return e
}

// localAddress is the address that a request came in by; that of a unix socket is of no use to a proxy's example.
func localAddress(r *http.Request) string {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return a.String()
	}
	return "127.0.0.1:8080"
}

// ReaderZone is the time zone of the reader's Preferences, or the browser's, or the machine's.
func (p *Frame) ReaderZone(c *request.Call) *time.Location {
	if u := c.User(); u != nil {
		if zone := namedZone(ParsePreferences(u.Preferences).Zone); zone != nil {
			return zone
		}
	}
	if zone := namedZone(BrowserZone(c)); zone != nil {
		return zone
	}
	return time.Local
}

// BrowserZone is the name of the browser's time zone, empty when its script has not said it.
func BrowserZone(c *request.Call) string {
	k, err := c.R.Cookie(zoneCookie)
	if err != nil || namedZone(k.Value) == nil {
		return ""
	}
	return k.Value
}

// namedZone is nil for what is not the name of a zone.
func namedZone(name string) *time.Location {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// placeOf is the entry of the header that a path belongs to.
func placeOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first = strings.ToLower(first); first {
	case "", "topic", "topics":
		return "home"
	case "settings":
		return "account"
	}
	return first
}

// PairedCookieTTL is how long a browser keeps the cookie of a paired device, which is renewed on its first page.
const PairedCookieTTL = 400 * 24 * time.Hour

// Member wraps a page that needs a signed-in user.
func Member(show func(*request.Call) error) func(*request.Call) error {
	return func(c *request.Call) error {
		if c.User() == nil {
			return &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential, Detail: "sign in to see this page"}
		}
		return show(c)
	}
}

// Reader is Member for pages that paired devices have too.
func Reader(show func(*request.Call) error) func(*request.Call) error {
	return func(c *request.Call) error {
		if c.Reader() == nil {
			return &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential, Detail: "sign in to see this page"}
		}
		return show(c)
	}
}

// SeeOther sends the reader on after a form, with a line about what was done (key "": none).
func (p *Frame) SeeOther(c *request.Call, path, key string, args ...string) error {
	if key != "" {
		p.setFlash(c, key, args...)
	}
	p.PageHeaders(c)
	http.Redirect(c.W, c.R, p.Site.Base+path, http.StatusSeeOther)
	return nil
}

// ReadForm reads the fields of a form: once as what a view shows again, once with every value.
func (p *Frame) ReadForm(c *request.Call) (web.Form, url.Values, error) {
	all, err := c.Form()
	if err != nil {
		return web.Form{}, nil, err
	}
	f := web.Form{Values: map[string]string{}}
	for name, values := range all {
		f.Values[name] = strings.ToValidUTF8(values[0], "�")
	}
	return f, all, nil
}

// ProblemsOf are the faults of values that the rules have found, none when err is nil or something else.
func ProblemsOf(err error) manage.Errors {
	if list, ok := errors.AsType[manage.Errors](err); ok {
		return list
	}
	if e, ok := errors.AsType[*manage.Error](err); ok {
		return manage.Errors{e}
	}
	return nil
}

// PushKey is the public key that browsers subscribe to pushes with, empty when there are none.
func (p *Frame) PushKey() string {
	if p.Settings.Push == nil {
		return ""
	}
	return p.Settings.Push.Key()
}
