package server

import (
	"regexp"

	"notifer/db"
	"notifer/server/auth"
)

// secrets finds texts of the form of our secrets; the checksum decides whether they are some.
var secrets = regexp.MustCompile(`\b(?:tk_[0-9A-Za-z]{43}|noti_[0-9A-Za-z]{32})\b`)

// refuseSecrets refuses a message that carries a secret of this server, unless X-Allow-Secret says it is meant.
func (s *Server) refuseSecrets(c *call, m *db.Message) error {
	if c.r.Header.Get("X-Allow-Secret") == "1" {
		return nil
	}
	for _, text := range []string{m.Body, m.Title, m.Extra} {
		if !mayHoldSecret(text) {
			continue
		}
		for _, found := range secrets.FindAllString(text, 16) {
			if s.auth.Ours(found) {
				s.noteLeak(c, found)
				return unprocessable("the message holds a secret of this server (%s): take it out, or send X-Allow-Secret: 1", auth.Hint(found))
			}
		}
	}
	return nil
}

// mayHoldSecret is a quick no for nearly all texts: both prefixes end in "k_" or "i_" and a secret is long.
func mayHoldSecret(s string) bool {
	if len(s) < 37 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '_' && (s[i-1] == 'k' || s[i-1] == 'i') {
			return true
		}
	}
	return false
}

func (s *Server) noteLeak(c *call, secret string) {
	err := s.d.Audit(db.Audit{Actor: c.who.Actor(), Verb: "message.secret", TopicID: c.topic.ID, Topic: c.topic.Name,
		Detail: "a message holding " + auth.Hint(secret) + " was refused"})
	if err != nil {
		s.log.Warn("activity log", "err", err)
	}
}
