package rest

import (
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
)

func apiLogin(g auth.Grant) api.Login {
	return api.Login{AccessToken: g.Access, RefreshToken: g.Refresh, TokenType: "bearer",
		ExpiresIn: int64(g.TTL / time.Second), User: contract.User(&g.User)}
}

func (a *API) Login(c *request.Call) error {
	var in api.LoginRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Email == "" || in.Password == "" {
		return request.Unprocessable("email and password are required")
	}
	u, _, err := a.site.SignIn(c, in.Email, in.Password, in.Code)
	if err != nil {
		return err
	}
	return a.answerLogin(c, u, http.StatusOK)
}

func (a *API) answerLogin(c *request.Call, u db.User, status int) error {
	g, err := a.auth.SignIn(c.R.Context(), u, c.R.UserAgent(), c.IP(), auth.APISession)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, status, apiLogin(g))
	return nil
}

// Register creates an account, where the operator allows that.
func (a *API) Register(c *request.Call) error {
	if !a.registration {
		return request.ErrNoRegistration
	}
	if err := a.site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := a.manage.CreateAccount(c.R.Context(), manage.AccountValues{Email: value(in.Email), Username: value(in.Username), Password: value(in.Password), By: db.By{Address: c.By().Address}})
	if err != nil {
		return err
	}
	return a.answerLogin(c, u, http.StatusCreated)
}

// value is the value of an optional field, empty when it was not sent.
func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a *API) Refresh(c *request.Call) error {
	var in api.RefreshRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	var g auth.Grant
	err := a.site.Guarded(c, "refresh", func() (err error) {
		g, err = a.auth.Refresh(c.R.Context(), in.RefreshToken)
		return err
	})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, apiLogin(g))
	return nil
}

func (a *API) Logout(c *request.Call) error {
	if err := a.manage.SignOut(c.Who.User(), c.Who.Session().ID, c.By()); err != nil {
		return err
	}
	if c.Who.ByCookie() {
		a.site.SignOut(c.W, c.R)
	}
	return request.NoContent(c.W)
}

// Password changes the caller's password, ends all other sessions and, if asked to, revokes the API keys.
func (a *API) Password(c *request.Call) error {
	var in api.PasswordRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	session := c.Who.Session()
	if err := a.site.ConfirmOwner(c, in.CurrentPassword, in.Code); err != nil {
		return err
	}
	if err := a.site.LimitPasswords(c); err != nil {
		return err
	}
	_, err := a.manage.UpdateAccount(c.R.Context(), session.UserID, manage.AccountChange{By: c.By(), Password: &in.NewPassword,
		KeepSession: session.ID, RevokeKeys: in.RevokeKeys})
	if err != nil {
		return err
	}
	return request.NoContent(c.W)
}

func (a *API) Me(c *request.Call) error {
	u, err := a.db.User(c.R.Context(), c.Who.User().ID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.User(&u))
	return nil
}

func (a *API) UpdateMe(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	switch {
	case in.Password != nil:
		return request.Unprocessable("change the password with POST /auth/password")
	case in.IsAdmin != nil || in.Disabled != nil:
		return &request.Problem{Status: http.StatusForbidden, Detail: "only an admin can change is_admin and disabled, through /api/users/{id}"}
	}
	change := manage.AccountChange{By: c.By(), Email: in.Email, Username: in.Username}
	if in.CurrentPassword != "" {
		if err := a.site.ConfirmOwner(c, in.CurrentPassword, in.Code); err != nil {
			return err
		}
		change.Proven = true
	}
	u, err := a.manage.UpdateAccount(c.R.Context(), c.Who.User().ID, change)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.User(&u))
	return nil
}

// DeleteMe removes the caller's account with its topics. It asks for the password.
func (a *API) DeleteMe(c *request.Call) error {
	var in api.DeleteAccountRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := a.site.ConfirmOwner(c, in.Password, in.Code); err != nil {
		return err
	}
	if err := a.manage.DeleteOwnAccount(c.By()); err != nil {
		return err
	}
	if c.Who.ByCookie() {
		a.site.SignOut(c.W, c.R)
	}
	return request.NoContent(c.W)
}
