package pages

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowUsers(c *request.Call) error {
	if c.Asked("new") {
		return p.render(c, http.StatusOK, web.NewUserPage(web.Users{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := p.db.Users(c.R.Context())
	if err != nil {
		return err
	}
	topics, err := p.db.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	var v web.Users
	reset := c.Query.Get("reset")
	for _, u := range list {
		v.Users = append(v.Users, webAccount(c, u, topics[u.ID]))
		if u.ID == reset {
			v.Reset = p.revealSecret(c, u.ID, u.Username)
		}
	}
	return p.render(c, http.StatusOK, web.UsersPage(v))
}

func webAccount(c *request.Call, u db.User, topics int) web.Account {
	return web.Account{ID: u.ID, Name: u.Username, Email: u.Email, Admin: u.IsAdmin, Disabled: u.Disabled, Self: u.ID == c.User().ID,
		Topics: topics, CreatedAt: u.CreatedAt, SeenAt: u.LastLoginAt}
}

func (p *Pages) SubmitUser(c *request.Call) error {
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return p.render(c, http.StatusUnprocessableEntity, web.NewUserPage(web.Users{New: f}))
	}
	u, err := p.auth.Register(c.R.Context(), f.Value("email"), f.Value("username"), f.Value("password"), f.Value("admin") != "")
	if errors.Is(err, db.ErrTaken) {
		return p.render(c, http.StatusConflict, web.NewUserPage(web.Users{New: f.Wrong("username", web.AccountTaken)}))
	}
	if err != nil {
		return err
	}
	return p.seeOther(c, "/admin/users", "flash.user.added", u.Username)
}

// SubmitUserChange does what needs no question: more or fewer rights, and enabling.
func (p *Pages) SubmitUserChange(c *request.Call) error {
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	key := ""
	u, err := p.db.UpdateUser(c.R.PathValue("id"), func(u *db.User) error {
		switch f.Value("do") {
		case "promote":
			u.IsAdmin, key = true, "flash.user.promoted"
		case "demote":
			u.IsAdmin, key = false, "flash.user.demoted"
		case "enable":
			u.Disabled, key = false, "flash.user.enabled"
		default:
			return request.BadRequest("there is no such change")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.seeOther(c, "/admin/users", key, u.Username)
}

func (p *Pages) ShowUserQuestion(c *request.Call) error {
	u, err := p.db.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	topics, err := p.db.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	verb := c.R.PathValue("verb")
	if oneOf(verb, "disable", "delete", "reset") == "" {
		return db.ErrNotFound
	}
	return p.render(c, http.StatusOK, web.AdminQuestionPage(web.AdminQuestion{Verb: verb, Account: webAccount(c, u, topics[u.ID])}))
}

func (p *Pages) SubmitUserQuestion(c *request.Call) error {
	if _, _, err := p.readForm(c); err != nil {
		return err
	}
	u, err := p.db.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	switch c.R.PathValue("verb") {
	case "disable":
		_, err = p.db.UpdateUser(u.ID, func(u *db.User) error { u.Disabled = true; return nil })
	case "delete":
		err = p.db.DeleteUser(u.ID)
	case "reset":
		return p.resetPassword(c, u)
	default:
		return db.ErrNotFound
	}
	if err != nil {
		return err
	}
	return p.seeOther(c, "/admin/users", "flash.user."+c.R.PathValue("verb")+"d", u.Username)
}

// resetPassword gives an account a new password that is shown once, to hand over.
func (p *Pages) resetPassword(c *request.Call, u db.User) error {
	password := generateName()
	hash, err := p.auth.HashPassword(c.R.Context(), password)
	if err != nil {
		return err
	}
	if err := p.db.SetPassword(u.ID, hash, ""); err != nil {
		return err
	}
	p.secrets.put(c.Who.Session().ID, u.ID, password)
	return p.seeOther(c, "/admin/users?reset="+u.ID, "")
}
