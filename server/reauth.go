package server

import (
	"errors"
	"net/http"

	"notifer/web"
)

// stale reports whether the caller's last sign-in is too old for handing out secrets.
func (s *Server) stale(c *call) bool {
	x := c.who.Session()
	return x != nil && s.d.Now().Sub(x.PasswordAt) > s.c.ReauthAfter
}

// again proves the password in a form when the last sign-in is old; the form returned holds what was wrong.
func (s *Server) again(c *call, f web.Form) (web.Form, error) {
	if !s.stale(c) {
		return f, nil
	}
	if err := s.confirmPassword(c, f.Value("password")); err != nil {
		return wrongPassword(f, err)
	}
	return f, s.d.ConfirmSession(c.who.Session().ID)
}

// wrongPassword says in a form why confirmPassword refused its password; any other error is returned.
func wrongPassword(f web.Form, err error) (web.Form, error) {
	var p *problem
	switch {
	case errors.As(err, &p) && p.status == http.StatusTooManyRequests:
		return f.Wrong("password", "again.slow"), nil
	case errors.As(err, &p):
		return f.Wrong("password", "again.wrong"), nil
	}
	return f, err
}

// freshCookie refuses a request by the dashboard's cookie whose sign-in is old; scripts and apps sign in differently.
func (s *Server) freshCookie(c *call) error {
	if c.who.ByCookie() && s.stale(c) {
		return &problem{status: http.StatusForbidden, detail: "the last sign-in is too old for this: sign in again"}
	}
	return nil
}
