package request

import (
	"net/http"
	"strings"

	"notifer/server/auth"
	"notifer/server/request/origin"
)

// SameOrigin reports whether a request comes from our own pages or from outside any page. Our origin is the public URL where it is
// configured.
func (s *Site) SameOrigin(r *http.Request) bool { return origin.Same(r, s.BaseURL) }

const fromOtherSite = "the request comes from a page of another site"

// requireOwnPage refuses what a page of another site sends to change something. A browser that sends no referrer names no origin either,
// and over plain HTTP nothing else shows where its form comes from. To sign in, where there is no session yet that a foreign page could
// use, such a form is accepted if it proves that it comes from a page of ours. When the form cannot be read, the error says why.
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
	return s.otherSite(c, detail)
}

// otherSite refuses what another site's page sent, and logs it: a base_url that does not fit, or a proxy that changes Host,
// makes our own pages look like that.
func (s *Site) otherSite(c *Call, detail string) error {
	if s.limits.inAll.sites.AllowN(c.Began, 1) {
		s.Log.Warn("request from another site", "origin", origin.Loggable(c.R.Header.Get("Origin")), "host", origin.LoggableHost(c.R.Host), "base_url", s.ConfiguredURL())
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
