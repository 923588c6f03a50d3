package server

import (
	"bytes"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

// formLimit bounds a form: a message of the largest size, every byte of it escaped, and the other fields.
const formLimit = 256 << 10

// contentPolicy lets a page load only what this server sends, and nothing that could act on its own.
func (s *Server) contentPolicy() string {
	connect := "'self'"
	if u := s.site.BaseURL; u != nil {
		connect += " " + u.Scheme + "://" + u.Host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " + connect +
		"; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
}

// pageHeaders are those of every page. Without TLS a browser sends no Sec-Fetch-Site, and under no-referrer it sends
// "Origin: null" with forms, so that they could not be told from another site's: there our own pages may know the
// referrer, and nobody else.
func (s *Server) pageHeaders(c *request.Call) {
	h := c.W.Header()
	h.Set("Content-Security-Policy", s.contentPolicy())
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if s.trustworthy(c.R) {
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}

// trustworthy reports whether a browser takes this address for a secure context: TLS, or the machine itself.
func (s *Server) trustworthy(r *http.Request) bool {
	host := (&url.URL{Host: r.Host}).Hostname()
	address, err := netip.ParseAddr(host)
	return s.site.Secure(r) || err == nil && address.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// render answers with a view. It is rendered before anything is sent, so an error can still become a page of its own.
func (s *Server) render(c *request.Call, status int, view templ.Component) error {
	var out bytes.Buffer
	if err := web.Render(c.R.Context(), &out, s.env(c), view); err != nil {
		return err
	}
	h := c.W.Header()
	s.pageHeaders(c)
	h.Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusUnauthorized {
		request.Challenge(h)
	}
	c.W.WriteHeader(status)
	if c.R.Method != http.MethodHead {
		c.W.Write(out.Bytes())
	}
	return nil
}

// env is what every view of this request may need. The flash is shown once: reading it clears it.
func (s *Server) env(c *request.Call) web.Env {
	e := web.Env{Base: s.site.Base, Public: s.site.Link(c.R, ""), Local: local(c.R), Now: s.d.Now(), Place: placeOf(c.R.URL.Path), Bare: s.site.BaseURL == nil,
		Zone: s.zone(c), Plain: !s.trustworthy(c.R), Flash: s.takeFlash(c)}
	if k, err := c.R.Cookie(themeCookie); err == nil {
		e.Theme = themeName(k.Value)
	}
	if u := c.User(); u != nil {
		e.User = &web.User{Name: u.Username, Admin: u.IsAdmin}
		likes := parsePreferences(u.Preferences)
		e.Theme, e.Dates = likes.theme, likes.dates
	}
	return e
}

// local is the address that a request came in by; that of a unix socket is of no use to a proxy's example.
func local(r *http.Request) string {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return a.String()
	}
	return "127.0.0.1:8080"
}

// zone is the reader's time zone, or the machine's.
func (s *Server) zone(c *request.Call) *time.Location {
	if u := c.User(); u != nil {
		name := parsePreferences(u.Preferences).zone
		if zone, err := time.LoadLocation(name); name != "" && err == nil {
			return zone
		}
	}
	return time.Local
}

// placeOf is the entry of the header that a path belongs to.
func placeOf(path string) string {
	switch firstSegment(path) {
	case "", "topic", "topics":
		return "home"
	case "settings":
		return "account"
	}
	return firstSegment(path)
}

// member wraps a page that only makes sense to somebody who is signed in.
func member(show func(*request.Call) error) func(*request.Call) error {
	return func(c *request.Call) error {
		if c.User() == nil {
			return &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential, Detail: "sign in to see this page"}
		}
		return show(c)
	}
}

// seeOther sends the reader on after a form, with a line about what was done (key "": none).
func (s *Server) seeOther(c *request.Call, path, key string, args ...string) error {
	if key != "" {
		s.setFlash(c, key, args...)
	}
	s.pageHeaders(c)
	http.Redirect(c.W, c.R, s.site.Base+path, http.StatusSeeOther)
	return nil
}

// readForm reads the fields of a form: once as what a view shows again, once with every value. A form that comes from
// another site's page is refused, signed in or not (cross-site request forgery).
func (s *Server) readForm(c *request.Call) (web.Form, url.Values, error) {
	if !s.site.SameOrigin(c.R) {
		return web.Form{}, nil, s.site.OtherSite(c, "the form was sent from another site")
	}
	body, err := request.ReadBody(c, formLimit, "the form")
	if err != nil {
		return web.Form{}, nil, err
	}
	all, err := url.ParseQuery(string(body))
	if err != nil {
		return web.Form{}, nil, request.BadRequest("the form cannot be read: send it as application/x-www-form-urlencoded")
	}
	f := web.Form{Values: map[string]string{}}
	for name, values := range all {
		f.Values[name] = strings.ToValidUTF8(values[0], "�")
	}
	return f, all, nil
}
