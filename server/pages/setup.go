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

// ShowSetup answers with the form behind the setup link. The code is checked when the form is sent: another site's page may load this one in
// somebody's browser, and it must not reveal whether a code is right.
func (p *Pages) ShowSetup(c *request.Call) error {
	code := c.Query.Get("code")
	c.Secret = true
	done, err := p.DB.HasAdmin(c.R.Context())
	if err != nil {
		return err
	}
	if done || code == "" {
		return p.Render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
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
	f = p.checkAccount(f)
	v := web.Setup{Code: f.Value("code"), Form: f}
	if len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.SetupPage(v))
	}
	u, err := p.Site.SetUp(c, func() (db.User, error) {
		v := accountValues(f)
		v.By.Address = c.By().Address
		return p.Manage.SetUp(c.R.Context(), f.Value("code"), v)
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
	return p.startSession(c, u, auth.CodeUse{}, "/")
}

// ShowRegister answers with the form with which visitors create an account, where the operator allows that.
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
	if f = p.checkAccount(f); len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.RegisterPage(f))
	}
	if err := p.Site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	values := accountValues(f)
	values.By.Address = c.By().Address
	u, err := p.Manage.CreateAccount(c.R.Context(), values)
	if errors.Is(err, auth.ErrConflict) {
		return p.Render(c, http.StatusConflict, web.RegisterPage(f.Wrong("username", web.AccountTaken)))
	}
	if err != nil {
		return err
	}
	return p.startSession(c, u, auth.CodeUse{}, "/")
}

// accountValues are the fields of a new account.
func accountValues(f web.Form) manage.AccountValues {
	return manage.AccountValues{Email: f.Value("email"), Username: f.Value("username"), Password: f.Value("password")}
}

// usernameProblem says what is wrong with a username that the rules refuse.
func usernameProblem(name string) string {
	if auth.ReservedUsername(name) {
		return "The server uses this name itself. Choose another one."
	}
	return web.UsernameRule
}

// checkAccount adds to the form of a new account what is wrong with its fields.
func (p *Pages) checkAccount(f web.Form) web.Form {
	for _, problem := range frame.ProblemsOf(p.Manage.CheckAccount(accountValues(f))) {
		switch problem.Field {
		case "email":
			f = f.Wrong("email", "That is not an email address.")
		case "username":
			f = f.Wrong("username", usernameProblem(f.Value("username")))
		case "password":
			f = f.Wrong("password", p.passwordProblem(f.Value("password"), &db.User{Email: f.Value("email"), Username: f.Value("username")}))
		}
	}
	return f
}
