package request

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"notifer/server/request/origin"
)

// Names of the dashboard's cookie; the __Host- prefix binds it to one host over TLS (RFC 6265bis section 4.1.3.2).
const (
	cookieSecure = "__Host-notifer"
	cookiePlain  = "notifer"
	deviceEnding = "-device" // of the cookie of a browser that has signed in before
	deviceTime   = 180 * 24 * time.Hour
)

// cookie takes the dashboard's session from a request that carries no other credential. From another origin a plain GET of
// a topic counts as carrying none; a WebSocket, a request that changes something and any to the API is refused
// (cross-site request forgery).
func (s *Site) cookie(c *Call) (string, error) {
	value := s.cookieValue(c.R)
	if value == "" || s.SameOrigin(c.R) {
		return value, nil
	}
	if safe(c.R.Method) && c.Route.Kind == KindPage {
		return value, nil // a link on another site may lead to a page, which changes nothing and cannot be framed or read there
	}
	if safe(c.R.Method) && c.Route.Kind != KindWebSocket && !isAPI(c.R.URL.Path) {
		return "", nil
	}
	return "", s.otherSite(c, fromOtherSite+": use a topic token or an API key")
}

// isAPI reports whether only programs and our own pages ask for a path.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/auth/")
}

func (s *Site) cookieValue(r *http.Request) string {
	name := cookiePlain
	if s.Secure(r) {
		name = cookieSecure
	}
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// Secure reports whether the client's side of the connection is TLS.
func (s *Site) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return s.trusted(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// OnlyTLS reports whether browsers may be made to use TLS from now on (RFC 6797): the client does, at the usual port. They
// would apply it to every port of the host, where other programs may speak plain HTTP.
func (s *Site) OnlyTLS(r *http.Request) bool {
	host := r.Host
	if s.BaseURL != nil {
		host = s.BaseURL.Host
	}
	return s.Secure(r) && origin.SameHost("https", host, (&url.URL{Host: host}).Hostname())
}

// SignOut ends the session of the browser on its side: the cookie, and over TLS what pages have stored.
func (s *Site) SignOut(w http.ResponseWriter, r *http.Request) {
	s.clearCookie(w, r)
	if s.Secure(r) {
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`) // not "cookies": those of other programs on the same domain would go
	}
}

// SetCookie signs the browser in with a session's secret.
func (s *Site) SetCookie(w http.ResponseWriter, r *http.Request, sid string, expires time.Time) {
	c := s.newCookie(r)
	c.Value, c.Expires = sid, expires
	http.SetCookie(w, c)
}

// RenewCookie lets the browser keep the session's secret that it has sent for longer.
func (s *Site) RenewCookie(w http.ResponseWriter, r *http.Request, expires time.Time) {
	if value := s.cookieValue(r); value != "" {
		s.SetCookie(w, r, value, expires)
	}
}

// SetDevice notes in the browser that an account has signed in from it.
func (s *Site) SetDevice(w http.ResponseWriter, r *http.Request, user string) {
	c := s.newCookie(r)
	c.Name, c.Value, c.MaxAge = c.Name+deviceEnding, s.Auth.DeviceSecret(user), int(deviceTime.Seconds())
	http.SetCookie(w, c)
}

// ForgetDevice takes the note of SetDevice back.
func (s *Site) ForgetDevice(w http.ResponseWriter, r *http.Request) {
	c := s.newCookie(r)
	c.Name, c.MaxAge = c.Name+deviceEnding, -1
	http.SetCookie(w, c)
}

// device is the account that has signed in from the browser before, empty when none is known to have.
func (s *Site) device(r *http.Request) string {
	if c, err := r.Cookie(s.newCookie(r).Name + deviceEnding); err == nil {
		return s.Auth.DeviceAccount(c.Value)
	}
	return ""
}

// clearCookie signs the browser out.
func (s *Site) clearCookie(w http.ResponseWriter, r *http.Request) {
	c := s.newCookie(r)
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func (s *Site) newCookie(r *http.Request) *http.Cookie {
	if s.Secure(r) {
		return &http.Cookie{Name: cookieSecure, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	}
	return &http.Cookie{Name: cookiePlain, Path: s.Base + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
