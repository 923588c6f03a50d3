package pages

import (
	"errors"
	"net/http"

	"notifer/server/request"
	"notifer/web"
)

// confirmSignIn proves the password in a form when the last sign-in is old; the form returned holds what was wrong.
func (p *Pages) confirmSignIn(c *request.Call, f web.Form) (web.Form, error) {
	if !p.site.Stale(c) {
		return f, nil
	}
	if err := p.site.ConfirmPassword(c, f.Value("password")); err != nil {
		return wrongPassword(f, err)
	}
	return f, p.db.ConfirmSession(c.Who.Session().ID)
}

// wrongPassword says in a form why confirmPassword refused its password; any other error is returned.
func wrongPassword(f web.Form, err error) (web.Form, error) {
	var p *request.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusTooManyRequests:
		return f.Wrong("password", "Too many wrong passwords. Wait a minute, then try again."), nil
	case errors.As(err, &p):
		return f.Wrong("password", "That is not your password."), nil
	}
	return f, err
}
