package request

import (
	"net/http"
	"strings"

	"notifer/server/auth"
)

// Bounds of the log lines about wrong credentials: per address, and in all.
const (
	failedBurst = 5
	failedInAll = 20
)

// logFailed writes the line that fail2ban reads, for a credential that looks like a guess. One that is revoked, expired
// or of another topic belongs to somebody who had a right to it once.
func (s *Site) logFailed(c *Call, r *auth.Refusal) {
	if r.Reason != auth.UnknownSecret && r.Reason != auth.MistypedText && r.Reason != auth.BadSession || c.Who != nil {
		return
	}
	s.logAuthFailed(c, credentialKind(c.R))
}

// logAuthFailed writes the line, unless there were too many.
func (s *Site) logAuthFailed(c *Call, kind string) {
	if s.limits.failed.get(Network(c.Address), c.Began).AllowN(c.Began, 1) && s.Refusals.lines.AllowN(c.Began, 1) {
		s.Log.Warn("auth_failed", "ip", c.Address.String(), "kind", kind)
	}
}

func credentialKind(r *http.Request) string {
	bearer := r.Header.Get("Authorization")
	switch {
	case r.Header.Get("X-Topic-Token") != "" || strings.Contains(bearer, auth.TokenPrefix) || strings.Contains(r.URL.RawQuery, auth.TokenPrefix):
		return "token"
	case r.Header.Get("X-Api-Key") != "" || strings.Contains(bearer, auth.KeyPrefix):
		return "key"
	}
	return "session"
}
