package server

import (
	"net/http"
	"strings"

	"notifer/web"
)

func (s *Server) showRevokeAll(c *call) error {
	return s.revokeAllView(c, http.StatusOK, web.Form{Values: map[string]string{}})
}

func (s *Server) revokeAllView(c *call, status int, f web.Form) error {
	list, err := s.d.Tokens(c.r.Context(), c.topic.ID)
	if err != nil {
		return err
	}
	v := web.RevokeAll{Settings: settingsOf(c.topic, "advanced"), Form: f, Again: s.stale(c)}
	for i := range list {
		if list[i].Live(s.d.Now()) {
			v.Live++
		}
	}
	return s.render(c, status, web.RevokeAllPage(v))
}

// submitRevokeAll ends all tokens of a topic whose name is typed.
func (s *Server) submitRevokeAll(c *call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.topic.Name {
		f = f.Wrong("confirm", "confirm.wrong")
	} else if f, err = s.again(c, f); err != nil {
		return err
	}
	if len(f.Problems) > 0 {
		return s.revokeAllView(c, http.StatusUnprocessableEntity, f)
	}
	n, err := s.d.RevokeTokens(*c.topic, c.who.Actor())
	if err != nil {
		return err
	}
	return s.seeOther(c, c.topicPath("/settings/advanced"), "flash.revokedall", web.Number(n))
}
