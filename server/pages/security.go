package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/plaintext"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

func (p *Pages) ShowSecurity(c *request.Call) error {
	return p.securityView(c, http.StatusOK, web.Form{})
}

func (p *Pages) securityView(c *request.Call, status int, f web.Form) error {
	list, err := p.DB.Sessions(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := views.Security{Factor: c.User().Factor, Form: web.Form{Values: map[string]string{"revoke_keys": f.Value("revoke_keys")}, Problems: f.Problems}}
	if v.Keys, err = p.liveKeys(c, c.User().ID); err != nil {
		return err
	}
	for _, x := range list {
		v.Sessions = append(v.Sessions, views.Session{ID: x.ID, Device: deviceName(x.Agent), Address: x.Address, CreatedAt: x.CreatedAt,
			UsedAt: x.LastUsedAt, Current: x.ID == c.Who.Session().ID})
	}
	return p.Render(c, status, views.SecurityPage(v))
}

// SubmitPassword changes the password. If another person has set the old one, it is not asked for: the owner has just signed in with it.
func (p *Pages) SubmitPassword(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	owed, next := c.User().MustChange, "/settings/security"
	again := func(status int, field, text string) error {
		if owed {
			return p.Render(c, status, web.NewPasswordPage(web.NewPassword{Form: f.Wrong(field, text), Next: f.Value("next")}))
		}
		return p.securityView(c, status, f.Wrong(field, text))
	}
	if problem := p.passwordProblem(f.Value("new_password"), c.User()); problem != "" {
		return again(http.StatusUnprocessableEntity, "new_password", problem)
	}
	if owed {
		next = frame.LocalPath(f.Value("next"))
	} else if err = p.Site.ConfirmOwner(c, f.Value(request.PasswordField), f.Value(request.CodeField)); err != nil {
		problem, _ := request.Explain(err)
		if f, err = frame.WrongPassword(f, err); err != nil {
			return err
		}
		return p.securityView(c, problem.Status, f)
	}
	if err := p.Site.LimitPasswords(c); err != nil {
		return err
	}
	password := f.Value("new_password")
	_, err = p.Manage.UpdateAccount(c.R.Context(), c.User().ID, manage.AccountChange{By: c.By(), Password: &password,
		KeepSession: c.Who.Session().ID, RevokeKeys: f.Value("revoke_keys") != ""})
	if errors.Is(err, auth.ErrInvalid) {
		return again(http.StatusUnprocessableEntity, "new_password", "That is the password you were given. Choose another one.")
	}
	if err != nil {
		return err
	}
	return p.SeeOther(c, next, "flash.password")
}

// liveKeys counts the API keys of an account that work. An owner whose password another person knows may want to revoke them.
func (p *Pages) liveKeys(c *request.Call, user string) (int, error) {
	list, err := p.DB.Keys(c.R.Context(), user)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, k := range list {
		if k.Live(p.DB.Now()) {
			n++
		}
	}
	return n, nil
}

// passwordProblem says what is wrong with a new password; empty when nothing is.
func (p *Pages) passwordProblem(password string, u *db.User) string {
	if p.Manage.CheckPassword(password, u) == nil {
		return ""
	}
	if n := utf8.RuneCountInString(password); n < auth.MinPassword || n > auth.MaxPassword {
		return fmt.Sprintf("A password has %d to %d characters.", auth.MinPassword, auth.MaxPassword)
	}
	return "This password is too easy to guess. Choose another one."
}

func (p *Pages) SubmitEndSession(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if err := p.Manage.SignOutElsewhere(c.User(), c.R.PathValue("id"), c.By()); err != nil {
		return err
	}
	return p.SeeOther(c, "/settings/security", "flash.session")
}

func (p *Pages) SubmitEndSessions(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if err := p.Manage.SignOutEverywhere(c.User(), c.By()); err != nil {
		return err
	}
	p.Site.SignOut(c.W, c.R)
	return p.SeeOther(c, "/login", "flash.sessions")
}

// deviceName guesses the browser and the system from a User-Agent, for the person who used them.
func deviceName(agent string) string {
	name := firstOf(agent, "Edg/:Edge", "OPR/:Opera", "Firefox/:Firefox", "Chrome/:Chrome", "Safari/:Safari", "curl/:curl")
	system := firstOf(agent, "iPhone:iPhone", "iPad:iPad", "Android:Android", "Windows:Windows", "Mac OS:macOS", "CrOS:ChromeOS", "Linux:Linux")
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name+system != "":
		return name + system
	case agent == "":
		return "Unknown device"
	}
	return plaintext.First(agent, 60)
}

func firstOf(text string, pairs ...string) string {
	for _, pair := range pairs {
		if mark, name, _ := strings.Cut(pair, ":"); strings.Contains(text, mark) {
			return name
		}
	}
	return ""
}
