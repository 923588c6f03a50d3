package server

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

func (s *Server) showSetup(c *request.Call) error {
	code := c.Query.Get("code")
	err := s.site.Guarded(c, "setup", func() error { return s.auth.CheckSetupCode(c.R.Context(), code) })
	if errors.Is(err, auth.ErrUnauthenticated) {
		return s.render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.SetupPage(web.Setup{Code: code, Form: web.Form{Values: map[string]string{}}}))
}

func (s *Server) submitSetup(c *request.Call) error {
	if request.IsJSON(c.R.Header.Get("Content-Type")) {
		return s.handleSetup(c)
	}
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	f = checkAccount(f)
	v := web.Setup{Code: f.Value("code"), Form: f}
	if len(f.Problems) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, web.SetupPage(v))
	}
	u, err := s.setUp(c, api.SetupRequest{Code: f.Value("code"), Email: f.Value("email"), Username: f.Value("username"), Password: f.Value("password")})
	if errors.Is(err, auth.ErrUnauthenticated) {
		return s.render(c, http.StatusUnauthorized, web.SetupPage(web.Setup{Gone: true}))
	}
	if errors.Is(err, errAccountTaken) {
		v.Form = f.Wrong("username", web.AccountTaken)
		return s.render(c, http.StatusConflict, web.SetupPage(v))
	}
	if err != nil {
		return err
	}
	return s.signInPage(c, u, "/")
}

// showRegister is the form by which anybody makes an account, where the operator lets them.
func (s *Server) showRegister(c *request.Call) error {
	if !s.c.Registration {
		return errNoRegistration
	}
	return s.render(c, http.StatusOK, web.RegisterPage(web.Form{Values: map[string]string{}}))
}

func (s *Server) submitRegister(c *request.Call) error {
	if !s.c.Registration {
		return errNoRegistration
	}
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, web.RegisterPage(f))
	}
	if err := s.site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	u, err := s.auth.Register(c.R.Context(), f.Value("email"), f.Value("username"), f.Value("password"), false)
	if errors.Is(err, db.ErrTaken) {
		return s.render(c, http.StatusConflict, web.RegisterPage(f.Wrong("username", web.AccountTaken)))
	}
	if err != nil {
		return err
	}
	return s.signInPage(c, u, "/")
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
