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

func (p *Pages) ShowProfile(c *request.Call) error {
	return p.profileView(c, http.StatusOK, web.Form{Values: map[string]string{"username": c.User().Username}})
}

func (p *Pages) profileView(c *request.Call, status int, f web.Form) error {
	n, err := p.DB.CountTopics(c.R.Context(), db.TopicFilter{Owner: c.User().ID})
	if err != nil {
		return err
	}
	return p.Render(c, status, web.ProfilePage(web.Profile{Form: f, Email: c.User().Email, Since: c.User().CreatedAt, Admin: c.User().IsAdmin, Topics: n}))
}

func (p *Pages) SubmitProfile(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	name := f.Value("username")
	_, err = p.Manage.UpdateAccount(c.R.Context(), c.User().ID, manage.AccountChange{Username: &name})
	switch {
	case errors.Is(err, auth.ErrInvalid):
		return p.profileView(c, http.StatusUnprocessableEntity, f.Wrong("username", web.UsernameRule))
	case errors.Is(err, auth.ErrConflict):
		return p.profileView(c, http.StatusConflict, f.Wrong("username", "This username is already taken."))
	case err != nil:
		return err
	}
	return p.SeeOther(c, "/settings", "flash.saved")
}
