package rest

import (
	"net/http"

	"notifer/server/api"
	"notifer/server/contract"
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
		out[i] = contract.User(&list[i])
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
		Password: value(in.Password), Admin: in.IsAdmin != nil && *in.IsAdmin, Disabled: in.Disabled != nil && *in.Disabled,
		MustChange: in.MustChangePassword != nil && *in.MustChangePassword, By: c.By()})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusCreated, contract.User(&u))
	return nil
}

func (a *API) UpdateUser(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := a.manage.UpdateAccount(c.R.Context(), c.R.PathValue("id"), manage.AccountChange{Email: in.Email, Username: in.Username,
		Password: in.Password, Admin: in.IsAdmin, Disabled: in.Disabled, AsAdmin: true, By: c.By(), RevokeKeys: in.RevokeKeys,
		Final: in.MustChangePassword != nil && !*in.MustChangePassword})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.User(&u))
	return nil
}

// DeleteUser deletes an account with its topics.
func (a *API) DeleteUser(c *request.Call) error {
	if err := a.manage.DeleteAccount(c.R.PathValue("id"), c.By()); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// ResetSecondFactor turns off the second factor of an account whose owner has lost it.
func (a *API) ResetSecondFactor(c *request.Call) error {
	u, err := a.db.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	if err := a.manage.ResetSecondFactor(&u, c.By()); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
