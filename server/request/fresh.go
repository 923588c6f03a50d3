package request

import (
	"errors"
	"net/http"
)

// PasswordField is the field of a form that proves who sends it, where a route demands a recent sign-in.
const PasswordField = "current_password"

// StaleError is why a page asks for the password: the last sign-in is too old for what its route does. Wrong says that a
// password was given and is not the account's.
type StaleError struct{ Wrong bool }

func (e *StaleError) Error() string {
	if e.Wrong {
		return "the current password is wrong"
	}
	return "the last sign-in is too old for this: sign in again"
}

func stale(wrong bool) error {
	e := &StaleError{wrong}
	return &Problem{Status: http.StatusForbidden, Detail: e.Error(), Err: e}
}

// Stale reports whether the caller's last sign-in is too old for what a fresh route does.
func (s *Site) Stale(c *Call) bool {
	x := c.Who.Session()
	if x == nil {
		return false
	}
	age := s.Auth.Now().Sub(x.PasswordAt)
	return age > s.reauth || age < -s.reauth // the clock was far ahead then
}

// requireFresh demands of a browser, on a route that mints a secret, changes what somebody may do or deletes an account,
// that the password was given recently or comes with the form. Scripts and apps sign in differently.
func (s *Site) requireFresh(c *Call) error {
	if !c.Route.Fresh || !c.Who.ByCookie() || !s.Stale(c) {
		return nil
	}
	if c.Route.Via != ViaPage || IsJSON(c.R.Header.Get("Content-Type")) {
		return stale(false)
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	password := form.Get(PasswordField)
	if password == "" {
		return stale(false)
	}
	if err := s.ConfirmPassword(c, password); err != nil {
		if p, ok := errors.AsType[*Problem](err); ok && p.Status == http.StatusForbidden {
			return stale(true)
		}
		return err
	}
	return s.DB.ConfirmSession(c.Who.Session().ID)
}
