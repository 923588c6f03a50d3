package pages

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

// ShowRoot is the first page of an account. A visitor is led to the sign-in: what only checks that the server answers takes
// a 401 for a fault.
func (p *Pages) ShowRoot(c *request.Call) error {
	if c.User() == nil {
		return p.SeeOther(c, "/login", "")
	}
	return p.ShowHome(c)
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

func (p *Pages) SubmitSignIn(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	v := web.SignIn{Form: web.Form{Values: map[string]string{"email": f.Value("email")}}, Next: frame.LocalPath(f.Value("next")), Register: p.Settings.Registration}
	var u db.User
	err = p.Site.Guarded(c, "password", func() (err error) {
		u, err = p.Auth.VerifyPassword(c.R.Context(), f.Value("email"), f.Value("password"))
		return err
	})
	if err != nil {
		return p.signInAgain(c, v, err)
	}
	return p.signInPage(c, u, v.Next)
}

// signInPage starts a session of the dashboard and goes on.
func (p *Pages) signInPage(c *request.Call, u db.User, next string) error {
	g, err := p.Auth.SignIn(c.R.Context(), u, c.R.UserAgent(), c.Address.String(), false)
	if err != nil {
		return err
	}
	p.Site.SetCookie(c.W, c.R, g.SID, g.Session.ExpiresAt)
	p.Site.SetDevice(c.W, c.R, u.ID)
	if err := p.adoptZone(c, u); err != nil {
		return err
	}
	return p.SeeOther(c, next, "")
}

// adoptZone makes the browser's time zone a preference of an account that has none.
func (p *Pages) adoptZone(c *request.Call, u db.User) error {
	likes := frame.ParsePreferences(u.Preferences)
	if likes.Zone != "" {
		return nil
	}
	if likes.Zone = frame.BrowserZone(c); likes.Zone == "" {
		return nil
	}
	return p.DB.SetPreferences(u.ID, likes.String())
}

// signInAgain shows the form again with what was wrong.
func (p *Pages) signInAgain(c *request.Call, v web.SignIn, err error) error {
	problem, _ := request.Explain(err)
	var r *auth.Refusal
	switch {
	case errors.As(err, &r) && r.Reason == auth.OwnerDisabled:
		v.State = "disabled"
	case errors.Is(err, auth.ErrUnauthenticated):
		v.State = "wrong"
	case problem.Status == http.StatusTooManyRequests:
		v.State, v.Wait = "slow", problem.After.Round(time.Second).String()
		c.W.Header().Set("Retry-After", strconv.Itoa(int(problem.After/time.Second)))
	case problem.Status == http.StatusServiceUnavailable:
		v.State = "busy"
		c.W.Header().Set("Retry-After", strconv.Itoa(int(problem.After/time.Second)))
	default:
		return err
	}
	return p.Render(c, problem.Status, web.SignInPage(v))
}

func (p *Pages) SubmitSignOut(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if x := c.Who.Session(); x != nil {
		if err := p.DB.EndSession(x.UserID, x.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	p.Site.SignOut(c.W, c.R)
	c.Who = nil
	return p.Render(c, http.StatusOK, web.SignedOutPage())
}
