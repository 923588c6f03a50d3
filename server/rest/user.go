package rest

import (
	"net/http"

	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

func (a *API) Users(c *request.Call) error {
	list, err := a.db.Users(c.R.Context())
	if err != nil {
		return err
	}
	out := make([]api.User, len(list))
	for i := range list {
		out[i] = manage.APIUser(&list[i])
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (a *API) CreateUser(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := a.manage.CreateAccount(c.R.Context(), manage.AccountValues{Email: value(in.Email), Username: value(in.Username),
		Password: value(in.Password), Admin: in.IsAdmin != nil && *in.IsAdmin, Disabled: in.Disabled != nil && *in.Disabled})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusCreated, manage.APIUser(&u))
	return nil
}

func (a *API) UpdateUser(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := a.manage.UpdateAccount(c.R.Context(), c.R.PathValue("id"), manage.AccountChange{Email: in.Email, Username: in.Username,
		Password: in.Password, Admin: in.IsAdmin, Disabled: in.Disabled})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, manage.APIUser(&u))
	return nil
}

// DeleteUser removes an account with its topics.
func (a *API) DeleteUser(c *request.Call) error {
	if err := a.manage.DeleteAccount(c.R.PathValue("id")); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
