package server

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"notifer/server/auth"
)

// Names of the dashboard's cookie; the __Host- prefix binds it to one host over TLS (RFC 6265bis section 4.1.3.2).
const (
	cookieSecure = "__Host-notifer"
	cookiePlain  = "notifer"
)

// cookie takes the dashboard's session from a request that carries no other credential. From another origin a plain GET of
// a topic counts as carrying none; a WebSocket, a request that changes something and any to the API is refused
// (cross-site request forgery).
func (s *Server) cookie(c *call) (string, error) {
	value := s.cookieValue(c.r)
	if value == "" || s.sameOrigin(c.r) {
		return value, nil
	}
	safe := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	if safe && c.route.Via == viaPage {
		return value, nil // a link on another site may lead to a page, which changes nothing and cannot be framed or read there
	}
	if safe && c.route.Via != "ws" && !isAPI(c.r.URL.Path) {
		return "", nil
	}
	return "", s.otherSite(c, "the request comes from a page of another site: use a topic token or an API key")
}

// otherSite refuses what another site's page sent, and logs it: a base_url that does not fit, or a proxy that changes Host,
// makes our own pages look like that.
func (s *Server) otherSite(c *call, detail string) error {
	if s.refused.sites.AllowN(c.began, 1) {
		s.log.Warn("request from another site", "origin", c.r.Header.Get("Origin"), "host", c.r.Host, "base_url", s.baseURL())
	}
	return &auth.Refusal{Kind: auth.ErrForbidden, Reason: auth.OtherSite, Detail: detail}
}

// baseURL is the public address as it is configured, empty when it is not.
func (s *Server) baseURL() string {
	if s.c.BaseURL == nil {
		return ""
	}
	return s.c.BaseURL.String()
}

// isAPI tells the paths that only programs and our own pages ask for.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/auth/")
}

func (s *Server) cookieValue(r *http.Request) string {
	name := cookiePlain
	if s.secure(r) {
		name = cookieSecure
	}
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// sameOrigin reports whether a request comes from our own pages or from outside any page. Browsers tell by
// Sec-Fetch-Site (Fetch Metadata, W3C) over TLS and on localhost, and by Origin elsewhere. Our origin is the public
// address where it is configured, never a Host that somebody made up (DNS rebinding).
func (s *Server) sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if base := s.c.BaseURL; base != nil {
		return strings.EqualFold(u.Host, base.Host) && strings.EqualFold(u.Scheme, base.Scheme)
	}
	return strings.EqualFold(u.Host, r.Host)
}

// secure reports whether the client's side of the connection is TLS.
func (s *Server) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	return s.trusted(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// setCookie signs the browser in with a session's secret.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, sid string, expires time.Time) {
	c := s.newCookie(r)
	c.Value, c.Expires = sid, expires
	http.SetCookie(w, c)
}

// clearCookie signs the browser out.
func (s *Server) clearCookie(w http.ResponseWriter, r *http.Request) {
	c := s.newCookie(r)
	c.MaxAge = -1
	http.SetCookie(w, c)
}

func (s *Server) newCookie(r *http.Request) *http.Cookie {
	if s.secure(r) {
		return &http.Cookie{Name: cookieSecure, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	}
	return &http.Cookie{Name: cookiePlain, Path: s.base + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
