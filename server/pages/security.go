package pages

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowSecurity(c *request.Call) error {
	return p.securityView(c, http.StatusOK, web.Form{})
}

func (p *Pages) securityView(c *request.Call, status int, f web.Form) error {
	list, err := p.DB.Sessions(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := web.Security{Form: web.Form{Values: map[string]string{"revoke_keys": f.Value("revoke_keys")}, Problems: f.Problems}}
	if v.Keys, err = p.liveKeys(c, c.User().ID); err != nil {
		return err
	}
	for _, x := range list {
		v.Sessions = append(v.Sessions, web.Session{ID: x.ID, Device: deviceName(x.Agent), Address: x.Address, CreatedAt: x.CreatedAt,
			UsedAt: x.LastUsedAt, Current: x.ID == c.Who.Session().ID})
	}
	return p.Render(c, status, web.SecurityPage(v))
}

func (p *Pages) SubmitPassword(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if key := passwordProblem(f.Value("new_password"), c.User()); key != "" {
		return p.securityView(c, http.StatusUnprocessableEntity, f.Wrong("new_password", key))
	}
	err = p.Site.ConfirmPassword(c, f.Value(request.PasswordField))
	if problem, ok := errors.AsType[*request.Problem](err); ok {
		return p.securityView(c, problem.Status, f.Wrong(request.PasswordField, "That is not your current password."))
	}
	if err == nil {
		err = p.Manage.SetPassword(c.R.Context(), c.User().ID, f.Value("new_password"), c.Who.Session().ID, f.Value("revoke_keys") != "")
	}
	if err != nil {
		return err
	}
	return p.SeeOther(c, "/settings/security", "flash.password")
}

// liveKeys is how many API keys of an account work: who changes a password since somebody else has it may want to end them.
func (p *Pages) liveKeys(c *request.Call, user string) (int, error) {
	list, err := p.DB.Keys(c.R.Context(), user)
	n := 0
	for _, k := range list {
		if k.Live(p.DB.Now()) {
			n++
		}
	}
	return n, err
}

// passwordProblem is what is wrong with a new password, empty when nothing is.
func passwordProblem(password string, u *db.User) string {
	if auth.CheckPassword(password, u.Email, u.Username) == nil {
		return ""
	}
	if n := len([]rune(password)); n < 8 || n > 128 {
		return "A password has 8 to 128 characters."
	}
	return "This password is too easy to guess. Choose another one."
}

func (p *Pages) SubmitEndSession(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	err := p.DB.EndSession(c.User().ID, c.R.PathValue("id"))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return p.SeeOther(c, "/settings/security", "flash.session")
}

func (p *Pages) SubmitEndSessions(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if err := p.DB.EndSessions(c.User().ID, ""); err != nil {
		return err
	}
	p.Site.SignOut(c.W, c.R)
	return p.SeeOther(c, "/login", "flash.sessions")
}

// deviceName names a browser and its system from a User-Agent, roughly: it is read by the one who used it.
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
	return clipRunes(agent, 60)
}

func firstOf(text string, pairs ...string) string {
	for _, pair := range pairs {
		if mark, name, _ := strings.Cut(pair, ":"); strings.Contains(text, mark) {
			return name
		}
	}
	return ""
}
