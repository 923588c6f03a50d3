package rest

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

// Setup creates the first admin with the code of the setup link.
func (a *API) Setup(c *request.Call) error {
	var in api.SetupRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Code == "" {
		in.Code = c.Query.Get("code")
	}
	u, err := a.site.SetUp(c, func() (db.User, error) {
		return a.manage.SetUp(c.R.Context(), in.Code, manage.AccountValues{Email: in.Email, Username: in.Username, Password: in.Password, By: c.By()})
	})
	if err != nil {
		return err
	}
	return a.answerLogin(c, u, http.StatusCreated)
}
