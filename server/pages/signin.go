package pages

import (
	"errors"
	"net/http"
	"strconv"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

// ShowRoot answers with the first page of an account. It redirects a visitor to the sign-in: monitors take a 401 for a fault.
func (p *Pages) ShowRoot(c *request.Call) error {
	if c.Who.Paired() {
		return p.showDeviceHome(c)
	}
	if c.User() == nil {
		return p.SeeOther(c, "/login", "")
	}
	if err := p.Auth.Unfinished(c.Who); err != nil {
		return err
	}
	return p.showHome(c)
}

func (p *Pages) ShowSignIn(c *request.Call) error {
	if c.User() != nil {
		return p.SeeOther(c, frame.LocalPath(c.Query.Get("next")), "")
	}
	there, err := p.DB.HasAdmin(c.R.Context())
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.SignInPage(web.SignIn{First: !there, Register: p.Settings.Registration, Next: frame.LocalPath(c.Query.Get("next"))}))
}

// SubmitSignIn checks the password and then, on another page, the code if the account has a second factor.
func (p *Pages) SubmitSignIn(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	next := frame.LocalPath(f.Value("next"))
	if passed := f.Value("passed"); passed != "" {
		return p.signInWithCode(c, web.SignInCode{Passed: passed, Next: next}, f.Value("code"))
	}
	u, use, err := p.Site.SignIn(c, f.Value("email"), f.Value("password"), f.Value("code"))
	if errors.Is(err, request.ErrCodeNeeded) {
		c.Secret = true
		return p.Render(c, http.StatusOK, web.SignInCodePage(web.SignInCode{Passed: p.Auth.PasswordPassed(&u), Next: next}))
	}
	if err != nil {
		return p.signInAgain(c, web.SignIn{Form: web.Form{Values: map[string]string{"email": f.Value("email")}}, Next: next, Register: p.Settings.Registration}, err)
	}
	return p.startSession(c, u, use, next)
}

// signInWithCode checks the code of a sign-in with the right password.
func (p *Pages) signInWithCode(c *request.Call, v web.SignInCode, code string) error {
	c.Secret = true
	u, err := p.Auth.PassedAccount(c.R.Context(), v.Passed)
	if err == nil && !u.Factor {
		return p.startSession(c, u, auth.CodeUse{}, v.Next) // it was turned off meanwhile
	}
	if errors.Is(err, auth.ErrUnauthenticated) {
		v.State = "late"
		return p.Render(c, http.StatusUnauthorized, web.SignInCodePage(v))
	}
	if err != nil {
		return err
	}
	use, err := p.Site.CheckCode(c, &u, code)
	if err == nil {
		return p.startSession(c, u, use, v.Next)
	}
	problem, _ := request.Explain(err)
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		v.State, v.Clock = "wrong", p.DB.Now()
	case errors.Is(err, auth.ErrCodes):
		v.State = "many"
	case problem.Status == http.StatusTooManyRequests:
		v.State, v.Wait = "slow", problem.After
	default:
		return err
	}
	problem.SetRetryAfter(c.W.Header())
	return p.Render(c, problem.Status, web.SignInCodePage(v))
}

// startSession starts a session of the dashboard and redirects to next.
func (p *Pages) startSession(c *request.Call, u db.User, use auth.CodeUse, next string) error {
	g, err := p.Manage.SignIn(c.R.Context(), c.Who, u, c.R.UserAgent())
	if err != nil {
		return err
	}
	p.Site.SetCookie(c.W, c.R, g.SID, g.Session.ExpiresAt)
	p.Site.SetDevice(c.W, c.R, u.ID)
	if err := p.adoptZone(c, u); err != nil {
		return err
	}
	if use.Recovery {
		return p.SeeOther(c, next, "flash.recovery", strconv.Itoa(use.Left))
	}
	return p.SeeOther(c, next, "")
}

// adoptZone saves the browser's time zone as a preference of an account without one.
func (p *Pages) adoptZone(c *request.Call, u db.User) error {
	prefs := frame.ParsePreferences(u.Preferences)
	if prefs.Zone != "" {
		return nil
	}
	if prefs.Zone = frame.BrowserZone(c); prefs.Zone == "" {
		return nil
	}
	return p.DB.SetPreferences(u.ID, prefs.String(), "")
}

// signInAgain answers with the form and what was wrong.
func (p *Pages) signInAgain(c *request.Call, v web.SignIn, err error) error {
	problem, _ := request.Explain(err)
	var r *auth.Refusal
	switch {
	case errors.As(err, &r) && r.Reason == auth.OwnerDisabled:
		v.State = "disabled"
	case errors.Is(err, auth.ErrUnauthenticated):
		v.State = "wrong"
	case problem.Status == http.StatusTooManyRequests:
		v.State, v.Wait = "slow", problem.After
	case problem.Status == http.StatusServiceUnavailable:
		v.State = "busy"
	default:
		return err
	}
	problem.SetRetryAfter(c.W.Header())
	return p.Render(c, problem.Status, web.SignInPage(v))
}

func (p *Pages) SubmitSignOut(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if x := c.Who.Session(); x != nil {
		if err := p.Manage.SignOut(c.User(), x.ID, c.By()); err != nil {
			return err
		}
	}
	if c.Who.Paired() {
		if _, err := p.Manage.RevokeKey(c.R.Context(), manage.ActorOf(c.Who), c.Who.Key().ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	p.Site.SignOut(c.W, c.R)
	c.Who = nil
	return p.Render(c, http.StatusOK, web.SignedOutPage())
}
