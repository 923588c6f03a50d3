package pages

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowSetup(c *request.Call) error {
	code := c.Query.Get("code")
	err := p.site.Guarded(c, "setup", func() error { return p.auth.CheckSetupCode(c.R.Context(), code) })
	if errors.Is(err, auth.ErrUnauthenticated) {
		return p.render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, web.SetupPage(web.Setup{Code: code, Form: web.Form{Values: map[string]string{}}}))
}

func (p *Pages) SubmitSetup(c *request.Call) error {
	if request.IsJSON(c.R.Header.Get("Content-Type")) {
		return p.rules.HandleSetup(c)
	}
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	f = checkAccount(f)
	v := web.Setup{Code: f.Value("code"), Form: f}
	if len(f.Problems) > 0 {
		return p.render(c, http.StatusUnprocessableEntity, web.SetupPage(v))
	}
	u, err := p.rules.SetUp(c, api.SetupRequest{Code: f.Value("code"), Email: f.Value("email"), Username: f.Value("username"), Password: f.Value("password")})
	if errors.Is(err, auth.ErrUnauthenticated) {
		return p.render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if errors.Is(err, p.rules.ErrAccountTaken) {
		v.Form = f.Wrong("username", web.AccountTaken)
		return p.render(c, http.StatusConflict, web.SetupPage(v))
	}
	if err != nil {
		return err
	}
	return p.signInPage(c, u, "/")
}

// ShowRegister is the form by which anybody makes an account, where the operator lets them.
func (p *Pages) ShowRegister(c *request.Call) error {
	if !p.settings.Registration {
		return p.rules.ErrRegistration
	}
	return p.render(c, http.StatusOK, web.RegisterPage(web.Form{Values: map[string]string{}}))
}

func (p *Pages) SubmitRegister(c *request.Call) error {
	if !p.settings.Registration {
		return p.rules.ErrRegistration
	}
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return p.render(c, http.StatusUnprocessableEntity, web.RegisterPage(f))
	}
	if err := p.site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	u, err := p.auth.Register(c.R.Context(), f.Value("email"), f.Value("username"), f.Value("password"), false)
	if errors.Is(err, db.ErrTaken) {
		return p.render(c, http.StatusConflict, web.RegisterPage(f.Wrong("username", web.AccountTaken)))
	}
	if err != nil {
		return err
	}
	return p.signInPage(c, u, "/")
}

// checkAccount adds what is wrong with a new account's fields.
func checkAccount(f web.Form) web.Form {
	f.Values["email"], f.Values["username"] = strings.TrimSpace(f.Value("email")), strings.TrimSpace(f.Value("username"))
	if auth.CheckAccount(f.Value("email"), "any") != nil {
		f = f.Wrong("email", "That is not an email address.")
	}
	if auth.CheckUsername(f.Value("username")) != nil {
		f = f.Wrong("username", web.UsernameRule)
	}
	if key := passwordProblem(f.Value("password")); key != "" {
		f = f.Wrong("password", key)
	}
	return f
}
