package request

import (
	"net/http"
	"net/url"
	"strings"

	"notifer/server/auth"
)

// SameOrigin reports whether a request comes from our own pages or from outside any page. Browsers say so by
// Sec-Fetch-Site (Fetch Metadata, W3C) over TLS and on localhost, and by Origin elsewhere. Our origin is the public
// URL where it is configured, never a Host that an attacker made up (DNS rebinding).
func (s *Site) SameOrigin(r *http.Request) bool {
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
	if base := s.BaseURL; base != nil {
		return strings.EqualFold(u.Scheme, base.Scheme) && sameHost(u.Scheme, u.Host, base.Host)
	}
	return sameHost(u.Scheme, u.Host, r.Host)
}

// sameHost compares hosts with their ports; the default one of the scheme may be named or not.
func sameHost(scheme, a, b string) bool {
	port := ":80"
	if strings.EqualFold(scheme, "https") {
		port = ":443"
	}
	return strings.EqualFold(strings.TrimSuffix(a, port), strings.TrimSuffix(b, port))
}

// requireOwnPage refuses what a page of another site sends to change something. A browser that must send no referrer sends no origin
// either, and over plain HTTP nothing else shows where its form comes from. That is accepted to sign in, where there is no session yet
// that a foreign page could ride, of a form that proves whose it is. Of a form that cannot be read nobody knows whose it is: the answer
// says why it cannot.
func (s *Site) requireOwnPage(c *Call, detail string) error {
	if s.SameOrigin(c.R) {
		return nil
	}
	h := c.R.Header
	if c.Route.SignsIn && h.Get("Origin") == "null" && h.Get("Sec-Fetch-Site") == "" && s.cookieValue(c.R) == "" {
		if proves, err := s.provesForm(c); proves || err != nil {
			return err
		}
	}
	return s.OtherSite(c, detail)
}

// OtherSite refuses what another site's page sent, and logs it: a base_url that does not fit, or a proxy that changes Host,
// makes our own pages look like that.
func (s *Site) OtherSite(c *Call, detail string) error {
	if s.limits.inAll.sites.AllowN(c.Began, 1) {
		s.Log.Warn("request from another site", "origin", loggedOrigin(c.R.Header.Get("Origin")), "host", loggedHost(c.R.Host), "base_url", s.ConfiguredURL())
	}
	return &auth.Refusal{Kind: auth.ErrForbidden, Reason: auth.OtherSite, Detail: detail}
}

// loggedOrigin is an Origin as the log may hold it: what was parsed, never what was sent, which could look like another line.
func loggedOrigin(origin string) string {
	if origin == "" || origin == "null" {
		return origin
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return unreadable
	}
	return u.Scheme + "://" + loggedHost(u.Host)
}

// unreadable is logged in place of a value that is not well-formed.
const unreadable = "(unreadable)"

// loggedHost is a host with its port, where it is one.
func loggedHost(host string) string {
	if len(host) > 255 || strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-.:[]") != "" {
		return unreadable
	}
	return host
}

// ConfiguredURL is the public address as it is configured, empty when it is not.
func (s *Site) ConfiguredURL() string {
	if s.BaseURL == nil {
		return ""
	}
	return s.BaseURL.String()
}

// Link is an absolute URL of ours: under the configured base URL, else as the client sees us.
func (s *Site) Link(r *http.Request, path string) string {
	if s.BaseURL != nil {
		return strings.TrimSuffix(s.BaseURL.String(), "/") + path
	}
	scheme := "http"
	if s.Secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host + s.Base + path
}
