package server

import (
	"errors"
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

// WireUser is an account in the form of the contract.
func WireUser(u *db.User) api.User {
	return api.User{ID: u.ID, Email: u.Email, Username: u.Username, IsAdmin: u.IsAdmin, Disabled: u.Disabled,
		SubscriptionTier: api.Tier, CreatedAt: api.At(u.CreatedAt), LastLoginAt: api.AtPtr(u.LastLoginAt)}
}

func wireLogin(g auth.Grant) api.Login {
	return api.Login{AccessToken: g.Access, RefreshToken: g.Refresh, TokenType: "bearer",
		ExpiresIn: int64(g.TTL / time.Second), User: WireUser(&g.User)}
}

func (s *Server) handleLogin(c *request.Call) error {
	var in api.LoginRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Email == "" || in.Password == "" {
		return request.Unprocessable("email and password must be given")
	}
	var u db.User
	err := s.site.Guarded(c, "password", func() (err error) {
		u, err = s.auth.VerifyPassword(c.R.Context(), in.Email, in.Password)
		return err
	})
	if err != nil {
		return err
	}
	return s.answerLogin(c, u, http.StatusOK)
}

func (s *Server) answerLogin(c *request.Call, u db.User, status int) error {
	g, err := s.auth.SignIn(c.R.Context(), u, c.R.UserAgent(), c.Address.String(), true)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, status, wireLogin(g))
	return nil
}

var errNoRegistration = &request.Problem{Status: http.StatusForbidden, Detail: "registration is off here: ask an admin for an account"}

// handleRegister makes an account where the operator lets anybody do so.
func (s *Server) handleRegister(c *request.Call) error {
	if !s.c.Registration {
		return errNoRegistration
	}
	if err := s.site.LimitConflicts(c, request.Network(c.Address).String(), "too many accounts from this address"); err != nil {
		return err
	}
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := s.auth.Register(c.R.Context(), text(in.Email), text(in.Username), text(in.Password), false)
	if err != nil {
		return accountTaken(err)
	}
	return s.answerLogin(c, u, http.StatusCreated)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var errAccountTaken = &request.Problem{Status: http.StatusConflict, Detail: "the e-mail address or the username is taken"}

func accountTaken(err error) error {
	if errors.Is(err, db.ErrTaken) {
		return errAccountTaken
	}
	return err
}

func (s *Server) handleRefresh(c *request.Call) error {
	var in api.RefreshRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	var g auth.Grant
	err := s.site.Guarded(c, "refresh", func() (err error) {
		g, err = s.auth.Refresh(c.R.Context(), in.RefreshToken)
		return err
	})
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, wireLogin(g))
	return nil
}

func (s *Server) handleLogout(c *request.Call) error {
	session := c.Who.Session()
	if session == nil {
		return &request.Problem{Status: http.StatusForbidden, Detail: "there is no session to end: an API key is revoked instead"}
	}
	if err := s.d.EndSession(session.UserID, session.ID); err != nil {
		return err
	}
	if c.Who.ByCookie() {
		s.site.ClearCookie(c.W, c.R)
	}
	return request.NoContent(c.W)
}

// handlePassword changes the caller's password and ends all other sessions.
func (s *Server) handlePassword(c *request.Call) error {
	var in api.PasswordRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := s.changePassword(c, in); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

func (s *Server) changePassword(c *request.Call, in api.PasswordRequest) error {
	session := c.Who.Session()
	if session == nil {
		return &request.Problem{Status: http.StatusForbidden, Detail: "an API key cannot change the password: sign in"}
	}
	if err := s.confirmPassword(c, in.CurrentPassword); err != nil {
		return err
	}
	if err := auth.CheckPassword(in.NewPassword); err != nil {
		return err
	}
	hash, err := s.auth.HashPassword(c.R.Context(), in.NewPassword)
	if err != nil {
		return err
	}
	return s.d.SetPassword(session.UserID, hash, session.ID)
}

// confirmPassword proves that the caller knows the account's password.
func (s *Server) confirmPassword(c *request.Call, password string) error {
	u := c.Who.User()
	err := s.site.Guarded(c, "password", func() error {
		_, err := s.auth.VerifyPassword(c.R.Context(), u.Email, password)
		return err
	})
	var r *auth.Refusal
	if errors.As(err, &r) {
		return &request.Problem{Status: http.StatusForbidden, Detail: "the current password is wrong"}
	}
	return err
}

func (s *Server) handleMe(c *request.Call) error {
	u, err := s.d.User(c.R.Context(), c.Who.User().ID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, WireUser(&u))
	return nil
}

func (s *Server) handleUpdateMe(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	switch {
	case in.Password != nil:
		return request.Unprocessable("change the password by POST /auth/password")
	case in.IsAdmin != nil || in.Disabled != nil:
		return &request.Problem{Status: http.StatusForbidden, Detail: "only an admin changes is_admin and disabled, by /api/users/{id}"}
	}
	u, err := s.d.UpdateUser(c.Who.User().ID, func(u *db.User) error { return rename(u, in) })
	if err != nil {
		return accountTaken(err)
	}
	request.WriteJSON(c.W, http.StatusOK, WireUser(&u))
	return nil
}

// handleDeleteMe removes the caller's account with its topics. It asks for the password.
func (s *Server) handleDeleteMe(c *request.Call) error {
	var in api.DeleteAccountRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if c.Who.Session() == nil {
		return &request.Problem{Status: http.StatusForbidden, Detail: "an API key cannot delete the account: sign in"}
	}
	if err := s.deleteAccount(c, in.Password); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// deleteAccount removes the caller's account when the password is its own, and signs the browser out.
func (s *Server) deleteAccount(c *request.Call, password string) error {
	if err := s.confirmPassword(c, password); err != nil {
		return err
	}
	if err := s.d.DeleteUser(c.Who.User().ID); err != nil {
		return err
	}
	if c.Who.ByCookie() {
		s.site.ClearCookie(c.W, c.R)
	}
	return nil
}
