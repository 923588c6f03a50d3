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
	views "notifer/web/account"
)

func (p *Pages) ShowProfile(c *request.Call) error {
	if c.Asked("email") {
		return p.emailView(c, http.StatusOK, web.Form{Values: map[string]string{}})
	}
	return p.profileView(c, http.StatusOK, web.Form{Values: map[string]string{"username": c.User().Username}})
}

func (p *Pages) profileView(c *request.Call, status int, f web.Form) error {
	n, err := p.DB.CountTopics(c.R.Context(), db.TopicFilter{Owner: c.User().ID})
	if err != nil {
		return err
	}
	return p.Render(c, status, views.ProfilePage(views.Profile{Form: f, Email: c.User().Email, Since: c.User().CreatedAt, Admin: c.User().IsAdmin, Topics: n}))
}

func (p *Pages) SubmitProfile(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Value("email") != "" {
		return p.submitEmail(c, f)
	}
	name := f.Value("username")
	_, err = p.Manage.UpdateAccount(c.R.Context(), c.User().ID, manage.AccountChange{By: c.By(), Username: &name})
	switch {
	case errors.Is(err, auth.ErrInvalid):
		return p.profileView(c, http.StatusUnprocessableEntity, f.Wrong("username", usernameProblem(name)))
	case errors.Is(err, auth.ErrConflict):
		return p.profileView(c, http.StatusConflict, f.Wrong("username", "This username is already taken."))
	case err != nil:
		return err
	}
	return p.SeeOther(c, "/settings", "flash.saved")
}

// submitEmail changes the email, with which the account signs in. The form contains the account's password.
func (p *Pages) submitEmail(c *request.Call, f web.Form) error {
	email := f.Value("email")
	err := p.Site.ConfirmOwner(c, f.Value(request.PasswordField), f.Value(request.CodeField))
	if f, err = frame.WrongPassword(f, err); err != nil {
		return err
	}
	if len(f.Problems) > 0 {
		return p.emailView(c, http.StatusUnprocessableEntity, f)
	}
	_, err = p.Manage.UpdateAccount(c.R.Context(), c.User().ID, manage.AccountChange{By: c.By(), Email: &email, Proven: true})
	switch {
	case errors.Is(err, auth.ErrInvalid):
		return p.emailView(c, http.StatusUnprocessableEntity, f.Wrong("email", "That is not an email address."))
	case errors.Is(err, auth.ErrConflict):
		return p.emailView(c, http.StatusConflict, f.Wrong("email", "Another account has this email address."))
	case err != nil:
		return err
	}
	return p.SeeOther(c, "/settings", "flash.email", db.FoldEmail(email))
}

func (p *Pages) emailView(c *request.Call, status int, f web.Form) error {
	return p.Render(c, status, views.EmailPage(views.Profile{Form: f, Email: c.User().Email}))
}
