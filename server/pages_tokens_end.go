package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// question reads the token of the path as the confirmations show it. Of an ended one it reports ErrNotFound.
func (s *Server) question(c *request.Call) (web.TokenQuestion, error) {
	v := web.TokenQuestion{Settings: settingsOf(c.Topic, "tokens")}
	t, err := s.d.Token(c.R.Context(), c.Topic.ID, c.R.PathValue("id"))
	if err != nil {
		return v, err
	}
	if !t.Live(s.d.Now()) {
		return v, db.ErrNotFound
	}
	days, err := s.d.TokenDays(c.R.Context(), t.ID, chartStart(s.d.Now()))
	v.Token = s.webToken(&t, days)
	return v, err
}

func (s *Server) showRevokeToken(c *request.Call) error {
	v, err := s.question(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.RevokeTokenPage(v))
}

// submitRevokeToken ends a token. The page it leads to puts the focus on the card after it. It never asks for the
// password: in an emergency it must be one press.
func (s *Server) submitRevokeToken(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	next, err := s.nextToken(c, id)
	if err != nil {
		return err
	}
	t, err := s.d.RevokeToken(c.Topic.ID, id, c.Who.Actor())
	if err != nil && (!errors.Is(err, db.ErrNotFound) || t.ID == "") {
		return err
	}
	return s.seeOther(c, topicPath(c, "/settings/tokens?next="+next), "flash.revoked", t.Name)
}

// nextToken is the token listed after another one, or before the last; "none" when it is the only one.
func (s *Server) nextToken(c *request.Call, id string) (string, error) {
	list, err := s.listedTokens(c)
	if err != nil {
		return "", err
	}
	var live []web.Token
	for i := range list {
		if list[i].Live(s.d.Now()) {
			live = append(live, s.webToken(&list[i], nil))
		}
	}
	sortTokens(live, tokenOrder)
	i := slices.IndexFunc(live, func(t web.Token) bool { return t.ID == id })
	switch {
	case i >= 0 && i+1 < len(live):
		return live[i+1].ID, nil
	case i > 0:
		return live[i-1].ID, nil
	}
	return "none", nil
}

func (s *Server) showRotateToken(c *request.Call) error {
	v, err := s.question(c)
	if err != nil {
		return err
	}
	return s.rotateView(c, http.StatusOK, v, web.Form{Values: map[string]string{"grace": "86400"}})
}

func (s *Server) rotateView(c *request.Call, status int, v web.TokenQuestion, f web.Form) error {
	v.Form, v.Once, v.Again = f, newOnce(), s.site.Stale(c)
	return s.render(c, status, web.RotateTokenPage(v))
}

func (s *Server) submitRotateToken(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	return s.onlyOnce(c, f.Value("once"), func() (string, error) { return s.rotateFromForm(c, f) })
}

func (s *Server) rotateFromForm(c *request.Call, f web.Form) (path string, err error) {
	v, err := s.question(c)
	if err != nil {
		return "", err
	}
	seconds, err := strconv.Atoi(f.Value("grace"))
	if err != nil || seconds < 0 || seconds > int(maxGrace/time.Second) {
		f = f.Wrong("grace", web.ChooseOption)
	} else if f, err = s.again(c, f); err != nil {
		return "", err
	}
	if len(f.Problems) > 0 {
		return "", s.rotateView(c, http.StatusUnprocessableEntity, v, f)
	}
	t, secret, err := s.rotateToken(c, v.Token.ID, time.Duration(seconds)*time.Second)
	if err != nil {
		return "", err
	}
	s.reveals.put(c.Who.Session().ID, t.ID, secret)
	return topicPath(c, "/settings/tokens?created="+t.ID), nil
}

func (s *Server) showEndOld(c *request.Call) error {
	v, err := s.question(c)
	if err != nil {
		return err
	}
	if v.Token.OldHint == "" {
		return s.seeOther(c, topicPath(c, "/settings/tokens"), "")
	}
	return s.render(c, http.StatusOK, web.EndOldPage(v))
}

func (s *Server) submitEndOld(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	v, err := s.question(c)
	if err != nil {
		return err
	}
	if err := s.d.EndPrevious(c.Topic.ID, v.Token.ID, c.Who.Actor()); err != nil {
		return err
	}
	return s.seeOther(c, topicPath(c, "/settings/tokens?next="+v.Token.ID), "flash.endold", v.Token.Name)
}
