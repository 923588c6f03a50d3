package server

import (
	"net/http"
	"strings"

	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showRevokeAll(c *request.Call) error {
	return s.revokeAllView(c, http.StatusOK, web.Form{Values: map[string]string{}})
}

func (s *Server) revokeAllView(c *request.Call, status int, f web.Form) error {
	list, err := s.d.Tokens(c.R.Context(), c.Topic.ID)
	if err != nil {
		return err
	}
	v := web.RevokeAll{Settings: settingsOf(c.Topic, "advanced"), Form: f, Again: s.site.Stale(c)}
	for i := range list {
		if list[i].Live(s.d.Now()) {
			v.Live++
		}
	}
	return s.render(c, status, web.RevokeAllPage(v))
}

// submitRevokeAll ends all tokens of a topic whose name is typed.
func (s *Server) submitRevokeAll(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.Topic.Name {
		f = f.Wrong("confirm", web.NotThisTopic)
	} else if f, err = s.again(c, f); err != nil {
		return err
	}
	if len(f.Problems) > 0 {
		return s.revokeAllView(c, http.StatusUnprocessableEntity, f)
	}
	n, err := s.d.RevokeTokens(*c.Topic, c.Who.Actor())
	if err != nil {
		return err
	}
	return s.seeOther(c, topicPath(c, "/settings/advanced"), "flash.revokedall", web.Number(n))
}
