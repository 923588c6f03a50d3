package request

import (
	"errors"
	"net/http"

	"notifer/server/auth"
)

// PasswordField is the field of a form that proves who sends it, where a route demands a recent sign-in.
const PasswordField = "current_password"

// CodeField is the field beside it of an account with a second factor.
const CodeField = "current_code"

// StaleError is why a page asks for the password: the last sign-in is too old for what its route does. Wrong says that a
// password was given and is not the account's, WrongCode the same of the code.
type StaleError struct{ Wrong, WrongCode bool }

func (e *StaleError) Error() string {
	switch {
	case e.Wrong:
		return wrongPassword
	case e.WrongCode:
		return auth.WrongCode
	}
	return "the last sign-in is too old for this: sign in again"
}

const wrongPassword = "the current password is wrong"

func stale(e *StaleError) error {
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

// requireFresh demands of a browser, on a route that mints a secret, changes a right or deletes an account,
// that the password was given recently or comes with the form. Scripts and apps sign in differently.
func (s *Site) requireFresh(c *Call) error {
	if !c.Route.Fresh || !c.Who.ByCookie() || !s.Stale(c) {
		return nil
	}
	if c.Route.Kind != KindPage || IsJSON(c.R.Header.Get("Content-Type")) {
		return stale(&StaleError{})
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	password, code := form.Get(PasswordField), form.Get(CodeField)
	if password == "" || c.Who.User().Factor && code == "" {
		return stale(&StaleError{})
	}
	if err := s.ConfirmOwnerByCode(c, password, code); err != nil {
		if p, ok := errors.AsType[*Problem](err); ok && p.Status == http.StatusForbidden {
			return stale(&StaleError{Wrong: !IsWrongCode(err), WrongCode: IsWrongCode(err)})
		}
		return err
	}
	c.proved = true
	return s.DB.ConfirmSession(c.Who.Session().ID)
}
