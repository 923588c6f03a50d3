package pages

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowSetup(c *request.Call) error {
	code := c.Query.Get("code")
	c.Secret = true
	err := p.Auth.CheckSetupCode(c.R.Context(), code) // not counted: a page of another site may load this in somebody's browser
	if errors.Is(err, auth.ErrUnauthenticated) {
		return p.Render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.SetupPage(web.Setup{Code: code, Form: web.Form{Values: map[string]string{}}}))
}

func (p *Pages) SubmitSetup(c *request.Call) error {
	if request.IsJSON(c.R.Header.Get("Content-Type")) {
		return p.hooks.SetupJSON(c)
	}
	c.Secret = true
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	f = checkAccount(f)
	v := web.Setup{Code: f.Value("code"), Form: f}
	if len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.SetupPage(v))
	}
	u, err := p.Site.SetUp(c, func() (db.User, error) {
		return p.Manage.SetUp(c.R.Context(), f.Value("code"), accountValues(f))
	})
	if errors.Is(err, auth.ErrUnauthenticated) {
		return p.Render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if errors.Is(err, auth.ErrConflict) {
		v.Form = f.Wrong("username", web.AccountTaken)
		return p.Render(c, http.StatusConflict, web.SetupPage(v))
	}
	if err != nil {
		return err
	}
	return p.signInPage(c, u, "/")
}

// ShowRegister is the form by which anybody makes an account, where the operator lets them.
func (p *Pages) ShowRegister(c *request.Call) error {
	if !p.Settings.Registration {
		return request.ErrNoRegistration
	}
	return p.Render(c, http.StatusOK, web.RegisterPage(web.Form{Values: map[string]string{}}))
}

func (p *Pages) SubmitRegister(c *request.Call) error {
	if !p.Settings.Registration {
		return request.ErrNoRegistration
	}
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.RegisterPage(f))
	}
	if err := p.Site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	u, err := p.Manage.CreateAccount(c.R.Context(), accountValues(f))
	if errors.Is(err, auth.ErrConflict) {
		return p.Render(c, http.StatusConflict, web.RegisterPage(f.Wrong("username", web.AccountTaken)))
	}
	if err != nil {
		return err
	}
	return p.signInPage(c, u, "/")
}

// accountValues are the fields of a new account.
func accountValues(f web.Form) manage.AccountValues {
	return manage.AccountValues{Email: f.Value("email"), Username: f.Value("username"), Password: f.Value("password")}
}

// checkAccount adds what is wrong with a new account's fields.
func checkAccount(f web.Form) web.Form {
	for _, problem := range frame.ProblemsOf(manage.CheckAccount(accountValues(f))) {
		switch problem.Field {
		case "email":
			f = f.Wrong("email", "That is not an email address.")
		case "username":
			f = f.Wrong("username", web.UsernameRule)
		case "password":
			f = f.Wrong("password", passwordProblem(f.Value("password"), &db.User{Email: f.Value("email"), Username: f.Value("username")}))
		}
	}
	return f
}
