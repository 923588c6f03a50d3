package frame

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"notifer/server/request"
	"notifer/web"
)

// confirmPage asks for the password, and keeps what the form that needs it held.
func (p *Frame) confirmPage(c *request.Call, stale *request.StaleError) templ.Component {
	v := web.Reauth{Action: c.R.URL.Path, Factor: c.User() != nil && c.User().Factor}
	form, err := c.Form()
	if err != nil {
		form = nil // the password will be asked for again
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if name != request.PasswordField && name != request.CodeField {
				v.Fields = append(v.Fields, web.ReauthField{Name: name, Value: value})
			}
		}
	}
	if stale.Wrong {
		v.Form = v.Form.Wrong(request.PasswordField, notYourPassword)
	}
	if stale.WrongCode {
		v.Form = v.Form.Wrong(request.CodeField, web.WrongCode)
	}
	return web.ReauthPage(v)
}

const notYourPassword = "That is not your password."

// WrongPassword says in a form why ConfirmOwner refused its password or its code; any other error is returned.
func WrongPassword(f web.Form, err error) (web.Form, error) {
	if _, ask := errors.AsType[*request.StaleError](err); ask {
		return f, err
	}
	var p *request.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusTooManyRequests:
		return f.Wrong(request.PasswordField, "Too many wrong passwords. Wait a minute, then try again."), nil
	case request.IsWrongCode(err):
		return f.Wrong(request.CodeField, web.WrongCode), nil
	case errors.As(err, &p):
		return f.Wrong(request.PasswordField, notYourPassword), nil
	}
	return f, err
}
