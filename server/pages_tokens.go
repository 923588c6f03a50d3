package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"notifer/db"
	"notifer/web"
)

func (s *Server) showTokens(c *call) error {
	v := web.Tokens{Settings: settingsOf(c.topic, "tokens")}
	if c.asked("new") && c.topic.AccessLevel == db.Private {
		v.New = web.Form{Values: map[string]string{"publish": "1"}}
		return s.render(c, http.StatusOK, web.NewTokenPage(v))
	}
	list, err := s.d.Tokens(c.r.Context(), c.topic.ID)
	if err != nil {
		return err
	}
	created := c.r.URL.Query().Get("created")
	for _, t := range list {
		if !t.Live(s.d.Now()) {
			continue
		}
		v.Tokens = append(v.Tokens, webToken(t))
		if t.ID == created {
			v.Reveal, v.Gone = s.reveal(c, t.ID, t.Name), t.Name
		}
	}
	return s.render(c, http.StatusOK, web.TokensPage(v))
}

func webToken(t db.Token) web.Token {
	return web.Token{ID: t.ID, Name: t.Name, Hint: t.Hint, Publish: t.CanPublish, Subscribe: t.CanSubscribe, CreatedBy: t.CreatedByName,
		CreatedAt: t.CreatedAt, LastUsedAt: t.LastUsedAt, LastUsedFrom: t.LastUsedIP, Requests: int(t.RequestCount), ExpiresAt: t.ExpiresAt}
}

func (s *Server) submitToken(c *call) error {
	f, all, err := s.readForm(c)
	if err != nil {
		return err
	}
	may := all["permissions"]
	t := db.Token{TopicID: c.topic.ID, Topic: c.topic.Name, Name: strings.TrimSpace(f.Value("name")), CanPublish: slices.Contains(may, "publish"),
		CanSubscribe: slices.Contains(may, "subscribe"), CreatedBy: c.user().ID, CreatedByName: c.user().Username}
	for _, m := range may {
		f.Values[m] = "1"
	}
	if t.Name == "" || len([]rune(t.Name)) > 60 {
		f = f.Wrong("name", "token.name.bad")
	}
	if !t.CanPublish && !t.CanSubscribe {
		f = f.Wrong("permissions", "token.perm.none")
	}
	var ok bool
	if t.ExpiresAt, ok = expiry(s.d.Now(), f.Value("expires")); !ok {
		f = f.Wrong("expires", "expires.bad")
	}
	if c.topic.AccessLevel != db.Private {
		f = f.Wrong("", "token.public", c.topic.Name)
	}
	if len(f.Problems) == 0 {
		return s.issueToken(c, f, t)
	}
	return s.render(c, http.StatusUnprocessableEntity, web.NewTokenPage(web.Tokens{Settings: settingsOf(c.topic, "tokens"), New: f}))
}

func (s *Server) issueToken(c *call, f web.Form, t db.Token) error {
	secret, err := s.auth.IssueToken(c.r.Context(), &t)
	switch {
	case err == nil:
		s.reveals.put(c.who.Session().ID, t.ID, secret)
		return s.seeOther(c, c.topicPath("/settings/tokens?created="+t.ID), "")
	case errors.Is(err, db.ErrTaken):
		f = f.Wrong("name", "token.name.taken", c.topic.Name, t.Name)
	case errors.Is(err, db.ErrLimit):
		f = f.Wrong("", "token.limit")
	default:
		return err
	}
	return s.render(c, http.StatusConflict, web.NewTokenPage(web.Tokens{Settings: settingsOf(c.topic, "tokens"), New: f}))
}

func (s *Server) showRevokeToken(c *call) error {
	t, err := s.d.Token(c.r.Context(), c.topic.ID, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.RevokeTokenPage(web.RevokeToken{Settings: settingsOf(c.topic, "tokens"), Token: webToken(t)}))
}

func (s *Server) submitRevokeToken(c *call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	t, err := s.d.RevokeToken(c.topic.ID, c.r.PathValue("id"), c.who.Actor())
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return s.seeOther(c, c.topicPath("/settings/tokens"), "flash.revoked", t.Name)
}
