package request

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/secrets"
)

// Bounds of the log lines about wrong credentials: per address, and in all.
const (
	failedBurst = 5
	failedInAll = 20
)

// logFailed writes the line that fail2ban reads, for a credential that looks like a guess. One that is revoked, expired or of another
// topic belongs to a person who once had a right to it.
func (s *Site) logFailed(c *Call, r *auth.Refusal) {
	if r.Reason != auth.UnknownSecret && r.Reason != auth.MistypedText && r.Reason != auth.BadSession || c.Who != nil {
		return
	}
	s.logAuthFailed(c, credentialKind(c.R))
}

// logAuthFailed writes the line, unless there were too many.
func (s *Site) logAuthFailed(c *Call, kind string) {
	if s.limits.failed.Get(Network(c.Address), c.Began).AllowN(c.Began, 1) && s.limits.inAll.lines.AllowN(c.Began, 1) {
		s.Log.Warn("auth_failed", "ip", c.IP(), "kind", kind)
	}
}

// logDenied writes a line about a known caller who asks for what is not theirs: a few for each credential, then one a minute.
func (s *Site) logDenied(c *Call, r *auth.Refusal) {
	if c.Who == nil || c.Who.Anonymous() || errors.Is(r.Kind, auth.ErrUnauthenticated) || c.Topic == nil && errors.Is(r.Kind, auth.ErrNotFound) {
		return // not known, or there is nothing of this name
	}
	if s.limits.denied.Get(c.Who.Credential(), c.Began).AllowN(c.Began, 1) && s.limits.inAll.denied.AllowN(c.Began, 1) {
		by := c.Who.By()
		s.Log.Info("access_denied", "ip", c.IP(), "user", by.ID, "via", by.Via, "route", c.Route.Pattern, "reason", string(r.Reason))
	}
}

func credentialKind(r *http.Request) string {
	bearer := r.Header.Get("Authorization")
	switch {
	case r.Header.Get("X-Topic-Token") != "" || strings.Contains(bearer, secrets.TokenPrefix) || strings.Contains(r.URL.RawQuery, secrets.TokenPrefix):
		return "token"
	case r.Header.Get("X-Api-Key") != "" || strings.Contains(bearer, secrets.KeyPrefix):
		return "key"
	}
	return "session"
}

// noteFailure writes a failed sign-in into the activity log, of which an address causes a few lines and all together one a
// minute. What was typed as a name is not written: it may be a password.
func (s *Site) noteFailure(c *Call, kind string, r *auth.Refusal) {
	if kind != "password" && kind != "code" {
		return
	}
	if !s.limits.noted.Get(Network(c.Address), c.Began).AllowN(c.Began, 1) || !s.limits.inAll.failures.AllowN(c.Began, 1) {
		return
	}
	by := c.By()
	if by.Name == "" {
		by.Name = "anonymous"
	}
	detail := "wrong password"
	switch {
	case r.UserID == "":
		detail = "unknown account"
	case r.Reason == auth.BadCode:
		detail = "wrong code"
	case r.Reason == auth.OwnerDisabled:
		detail = "disabled account"
	}
	e := db.AccountEvent(by, "account.sign_in_failed", &db.User{ID: r.UserID, Username: r.Username}, detail)
	if err := s.DB.Audit(e); err != nil {
		s.logError(c, err)
	}
}
