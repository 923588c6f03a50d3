package pages

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

func (p *Pages) ShowDeleteAccount(c *request.Call) error {
	return p.deleteAccountView(c, http.StatusOK, web.Form{})
}

// deleteAccountView answers with the question, or tells the last admin what has to come first.
func (p *Pages) deleteAccountView(c *request.Call, status int, f web.Form) error {
	n, err := p.DB.CountTopics(c.R.Context(), db.TopicFilter{Owner: c.User().ID})
	if err != nil {
		return err
	}
	admins, err := p.Manage.EnabledAdmins(c.R.Context())
	if err != nil {
		return err
	}
	last := len(admins) == 1 && admins[c.User().ID]
	return p.Render(c, status, views.DeletePage(views.Delete{Form: f, Name: c.User().Username, Topics: n, Last: last}))
}

// SubmitDeleteAccount deletes the caller's account if its name and password are right, and redirects to the sign-in page.
func (p *Pages) SubmitDeleteAccount(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.User().Username {
		return p.deleteAccountView(c, http.StatusUnprocessableEntity, f.Wrong("confirm", "That is not your username."))
	}
	if err = p.Site.ConfirmOwner(c, f.Value(request.PasswordField), f.Value(request.CodeField)); err == nil {
		err = p.Manage.DeleteOwnAccount(c.By())
	}
	if err == nil {
		p.Site.SignOut(c.W, c.R)
		p.Site.ForgetDevice(c.W, c.R)
		return p.SeeOther(c, "/login", "flash.left")
	}
	if errors.Is(err, auth.ErrConflict) {
		return p.deleteAccountView(c, http.StatusConflict, f)
	}
	if f, err = frame.WrongPassword(f, err); err != nil {
		return err
	}
	return p.deleteAccountView(c, http.StatusUnprocessableEntity, f)
}
