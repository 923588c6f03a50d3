package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/web"
)

func (s *Server) showSignIn(c *call) error {
	if c.user() != nil {
		return s.seeOther(c, localPath(c.query.Get("next")), "")
	}
	there, err := s.d.HasAdmin(c.r.Context())
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.SignInPage(web.SignIn{First: !there, Register: s.c.Registration, Next: localPath(c.query.Get("next"))}))
}

func (s *Server) submitSignIn(c *call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	v := web.SignIn{Form: web.Form{Values: map[string]string{"email": f.Value("email")}}, Next: localPath(f.Value("next")), Register: s.c.Registration}
	var u db.User
	err = s.guarded(c, "password", func() (err error) {
		u, err = s.auth.VerifyPassword(c.r.Context(), f.Value("email"), f.Value("password"))
		return err
	})
	if err != nil {
		return s.signInAgain(c, v, err)
	}
	return s.signInPage(c, u, v.Next)
}

// signInPage starts a session of the dashboard and goes on.
func (s *Server) signInPage(c *call, u db.User, next string) error {
	g, err := s.auth.SignIn(c.r.Context(), u, c.r.UserAgent(), c.address.String(), false)
	if err != nil {
		return err
	}
	s.setCookie(c.w, c.r, g.SID, g.Session.ExpiresAt)
	return s.seeOther(c, next, "")
}

// signInAgain shows the form again with what was wrong.
func (s *Server) signInAgain(c *call, v web.SignIn, err error) error {
	status, _, after, _ := explain(err)
	var r *auth.Refusal
	switch {
	case errors.As(err, &r) && r.Reason == auth.OwnerDisabled:
		v.State = "disabled"
	case errors.Is(err, auth.ErrUnauthenticated):
		v.State = "wrong"
	case status == http.StatusTooManyRequests:
		v.State, v.Wait = "slow", after.Round(time.Second).String()
		c.w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	case status == http.StatusServiceUnavailable:
		v.State = "busy"
		c.w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	default:
		return err
	}
	return s.render(c, status, web.SignInPage(v))
}

func (s *Server) submitSignOut(c *call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	if x := c.who.Session(); x != nil {
		if err := s.d.EndSession(x.UserID, x.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	s.clearCookie(c.w, c.r)
	c.who = nil
	return s.render(c, http.StatusOK, web.SignedOutPage())
}
