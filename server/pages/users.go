package pages

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowUsers(c *request.Call) error {
	if c.Asked("new") {
		return p.Render(c, http.StatusOK, web.NewUserPage(web.Form{Values: map[string]string{"must_change": "1"}}))
	}
	list, err := p.DB.Users(c.R.Context())
	if err != nil {
		return err
	}
	topics, err := p.DB.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	var v web.Users
	reset := c.Query.Get("reset")
	for _, u := range list {
		v.Users = append(v.Users, webAccount(c, u, topics[u.ID]))
		if u.ID == reset {
			if v.Reset, _, err = p.RevealSecret(c, u.ID, u.Username); err != nil {
				return err
			}
		}
	}
	return p.Render(c, http.StatusOK, web.UsersPage(v))
}

func webAccount(c *request.Call, u db.User, topics int) web.Account {
	return web.Account{ID: u.ID, Name: u.Username, Email: u.Email, Admin: u.IsAdmin, Disabled: u.Disabled, Self: u.ID == c.User().ID, Factor: u.Factor, MustChange: u.MustChange,
		Topics: topics, CreatedAt: u.CreatedAt, SeenAt: u.LastLoginAt}
}

func (p *Pages) SubmitUser(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if f = p.checkAccount(f); len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.NewUserPage(f))
	}
	v := accountValues(f)
	v.Admin, v.MustChange, v.By = f.Value("admin") != "", f.Value("must_change") != "", c.By()
	u, err := p.Manage.CreateAccount(c.R.Context(), v)
	if errors.Is(err, auth.ErrConflict) {
		return p.Render(c, http.StatusConflict, web.NewUserPage(f.Wrong("username", web.AccountTaken)))
	}
	if err != nil {
		return err
	}
	return p.SeeOther(c, "/admin/users", "flash.user.added", u.Username)
}

// userChange is a change that an admin can make to an account. With asks, a question comes first.
type userChange struct {
	asks  bool
	flash string
	run   func(c *request.Call, p *Pages, u db.User) error
}

// userChanges are the changes by the last segment of their path.
var userChanges = map[string]userChange{
	"promote": {flash: "flash.user.promoted", run: updateUser(manage.AccountChange{Admin: yes})},
	"demote":  {flash: "flash.user.demoted", run: updateUser(manage.AccountChange{Admin: no})},
	"enable":  {flash: "flash.user.enabled", run: updateUser(manage.AccountChange{Disabled: no})},
	"disable": {asks: true, flash: "flash.user.disabled", run: updateUser(manage.AccountChange{Disabled: yes})},
	"signout": {asks: true, flash: "flash.user.signedout", run: func(c *request.Call, p *Pages, u db.User) error {
		return p.Manage.SignOutEverywhere(&u, c.By())
	}},
	"delete": {asks: true, flash: "flash.user.deleted", run: func(c *request.Call, p *Pages, u db.User) error { return p.Manage.DeleteAccount(u.ID, c.By()) }},
	"factor-off": {asks: true, flash: "flash.user.factoroff", run: func(c *request.Call, p *Pages, u db.User) error {
		return p.Manage.ResetSecondFactor(&u, c.By())
	}},
	"reset": {asks: true},
}

var yes, no = new(true), new(false)

func updateUser(change manage.AccountChange) func(*request.Call, *Pages, db.User) error {
	return func(c *request.Call, p *Pages, u db.User) error {
		change.By = c.By()
		_, err := p.Manage.UpdateAccount(c.R.Context(), u.ID, change)
		return err
	}
}

// ShowUserChange asks before an account is changed.
func (p *Pages) ShowUserChange(c *request.Call) error {
	verb := c.R.PathValue("verb")
	if !userChanges[verb].asks {
		return db.ErrNotFound
	}
	u, err := p.DB.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	if verb == "reset" && u.ID == c.User().ID {
		return p.SeeOther(c, "/settings/security", "") // one's own changes there
	}
	topics, err := p.DB.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	keys, err := p.liveKeys(c, u.ID)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.AdminQuestionPage(web.AdminQuestion{Verb: verb, Account: webAccount(c, u, topics[u.ID]), Keys: keys}))
}

// SubmitUserChange changes an account.
func (p *Pages) SubmitUserChange(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	change, known := userChanges[c.R.PathValue("verb")]
	if !known {
		return db.ErrNotFound
	}
	u, err := p.DB.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	if change.run == nil {
		return p.resetPassword(c, u, f.Value("revoke_keys") != "")
	}
	if err := change.run(c, p, u); err != nil {
		return err
	}
	return p.SeeOther(c, "/admin/users", change.flash, u.Username)
}

// resetPassword sets a new password, which is shown once to be handed over, and with keys revokes the API keys. The owner has to choose
// another password at the next sign-in.
func (p *Pages) resetPassword(c *request.Call, u db.User, keys bool) error {
	password := generateName()
	if _, err := p.Manage.UpdateAccount(c.R.Context(), u.ID, manage.AccountChange{By: c.By(), AsAdmin: true, Password: &password, RevokeKeys: keys}); err != nil {
		return err
	}
	p.KeepSecret(c, u.ID, password)
	return p.SeeOther(c, "/admin/users?reset="+u.ID, "")
}
