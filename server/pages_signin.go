package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showSignIn(c *request.Call) error {
	if c.User() != nil {
		return s.seeOther(c, localPath(c.Query.Get("next")), "")
	}
	there, err := s.d.HasAdmin(c.R.Context())
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.SignInPage(web.SignIn{First: !there, Register: s.c.Registration, Next: localPath(c.Query.Get("next"))}))
}

func (s *Server) submitSignIn(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	v := web.SignIn{Form: web.Form{Values: map[string]string{"email": f.Value("email")}}, Next: localPath(f.Value("next")), Register: s.c.Registration}
	var u db.User
	err = s.site.Guarded(c, "password", func() (err error) {
		u, err = s.auth.VerifyPassword(c.R.Context(), f.Value("email"), f.Value("password"))
		return err
	})
	if err != nil {
		return s.signInAgain(c, v, err)
	}
	return s.signInPage(c, u, v.Next)
}

// signInPage starts a session of the dashboard and goes on.
func (s *Server) signInPage(c *request.Call, u db.User, next string) error {
	g, err := s.auth.SignIn(c.R.Context(), u, c.R.UserAgent(), c.Address.String(), false)
	if err != nil {
		return err
	}
	s.site.SetCookie(c.W, c.R, g.SID, g.Session.ExpiresAt)
	return s.seeOther(c, next, "")
}

// signInAgain shows the form again with what was wrong.
func (s *Server) signInAgain(c *request.Call, v web.SignIn, err error) error {
	p, _ := request.Explain(err)
	var r *auth.Refusal
	switch {
	case errors.As(err, &r) && r.Reason == auth.OwnerDisabled:
		v.State = "disabled"
	case errors.Is(err, auth.ErrUnauthenticated):
		v.State = "wrong"
	case p.Status == http.StatusTooManyRequests:
		v.State, v.Wait = "slow", p.After.Round(time.Second).String()
		c.W.Header().Set("Retry-After", strconv.Itoa(int(p.After/time.Second)))
	case p.Status == http.StatusServiceUnavailable:
		v.State = "busy"
		c.W.Header().Set("Retry-After", strconv.Itoa(int(p.After/time.Second)))
	default:
		return err
	}
	return s.render(c, p.Status, web.SignInPage(v))
}

func (s *Server) submitSignOut(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	if x := c.Who.Session(); x != nil {
		if err := s.d.EndSession(x.UserID, x.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	s.site.ClearCookie(c.W, c.R)
	c.Who = nil
	return s.render(c, http.StatusOK, web.SignedOutPage())
}
