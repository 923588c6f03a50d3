package server

import (
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

// refuseSecrets refuses a message that carries a secret of this server, unless X-Allow-Secret says it is meant.
func (s *Server) refuseSecrets(c *request.Call, m *db.Message) error {
	leaked, err := s.findSecret(c, m)
	if leaked != "" {
		s.noteLeak(c, leaked)
	}
	return err
}

// findSecret is refuseSecrets without a note of it in the store. It returns the secret that it refuses.
func (s *Server) findSecret(c *request.Call, m *db.Message) (string, error) {
	if c.R.Header.Get("X-Allow-Secret") == "1" {
		return "", nil
	}
	for _, text := range []string{m.Body, m.Title, m.ExtrasText()} {
		for _, found := range auth.FindSecrets(text) {
			if s.auth.Ours(found) {
				return found, request.Unprocessable("the message holds a secret of this server (%s): take it out, or send X-Allow-Secret: 1", auth.Hint(found))
			}
		}
	}
	return "", nil
}

// leakPause is how often it is written down that the same message comes again.
const leakPause = time.Hour

// noteLeak writes down that a message held a secret, and marks its token as exposed.
func (s *Server) noteLeak(c *request.Call, secret string) {
	id, err := s.auth.OwnToken(c.R.Context(), secret)
	if err == nil && id != "" {
		err = s.d.LeakToken(id, c.Who.Actor(), "its text was in a message")
	}
	if err == nil {
		err = s.d.AuditOnce(db.Audit{Actor: c.Who.Actor(), Verb: "message.secret", TopicID: c.Topic.ID, Topic: c.Topic.Name,
			Detail: "a message holding " + auth.Hint(secret) + " was refused"}, leakPause)
	}
	if err != nil {
		s.log.Warn("activity log", "err", err)
	}
}

// handleReportToken lets whoever finds a token report it: the card of the token it is called with says so from then on.
func (s *Server) handleReportToken(c *request.Call) error {
	t := c.Who.Token()
	if err := s.d.LeakToken(t.ID, "A finder", "its text was found in public"); err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, api.TokenReport{Live: true, Hint: t.Hint})
	return nil
}
