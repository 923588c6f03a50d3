package request

import (
	"net/http"
	"net/url"
	"strings"

	"notifer/server/auth"
)

// SameOrigin reports whether a request comes from our own pages or from outside any page. Browsers tell by
// Sec-Fetch-Site (Fetch Metadata, W3C) over TLS and on localhost, and by Origin elsewhere. Our origin is the public
// address where it is configured, never a Host that somebody made up (DNS rebinding).
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
		return strings.EqualFold(u.Host, base.Host) && strings.EqualFold(u.Scheme, base.Scheme)
	}
	return strings.EqualFold(u.Host, r.Host)
}

// OtherSite refuses what another site's page sent, and logs it: a base_url that does not fit, or a proxy that changes Host,
// makes our own pages look like that.
func (s *Site) OtherSite(c *Call, detail string) error {
	if s.Refusals.sites.AllowN(c.Began, 1) {
		s.Log.Warn("request from another site", "origin", c.R.Header.Get("Origin"), "host", c.R.Host, "base_url", s.ConfiguredURL())
	}
	return &auth.Refusal{Kind: auth.ErrForbidden, Reason: auth.OtherSite, Detail: detail}
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
