package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
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

// guarded runs a check of a password, setup code or refresh token. Failures empty the address's bucket; once it is
// empty every attempt waits its turn, so that a right secret still gets in while guessing crawls.
func (s *Server) guarded(c *call, kind string, check func() error) error {
	key := Network(c.address)
	bucket := s.limits.failures.get(key, c.began)
	throttled := bucket.TokensAt(c.began) < 1
	if throttled {
		ctx, cancel := context.WithTimeout(c.r.Context(), slowWait)
		defer cancel()
		if s.limits.slow.get(key, c.began).Wait(ctx) != nil {
			return tooMany(failureRefill, "too many failed attempts from this address")
		}
	}
	err := check()
	var r *auth.Refusal
	if errors.As(err, &r) {
		s.log.Warn("auth_failed", "ip", c.address.String(), "kind", kind)
		if !bucket.AllowN(c.began, 1) || throttled {
			return tooMany(failureRefill, "too many failed attempts from this address")
		}
	}
	return err
}

func (s *Server) handleLogin(c *call) error {
	var in api.LoginRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if in.Email == "" || in.Password == "" {
		return unprocessable("email and password must be given")
	}
	var u db.User
	err := s.guarded(c, "password", func() (err error) {
		u, err = s.auth.VerifyPassword(c.r.Context(), in.Email, in.Password)
		return err
	})
	if err != nil {
		return err
	}
	return s.answerLogin(c, u, http.StatusOK)
}

func (s *Server) answerLogin(c *call, u db.User, status int) error {
	g, err := s.auth.SignIn(c.r.Context(), u, c.r.UserAgent(), c.address.String(), true)
	if err != nil {
		return err
	}
	writeJSON(c.w, status, wireLogin(g))
	return nil
}

var errNoRegistration = &problem{status: http.StatusForbidden, detail: "registration is off here: ask an admin for an account"}

// handleRegister makes an account where the operator lets anybody do so.
func (s *Server) handleRegister(c *call) error {
	if !s.c.Registration {
		return errNoRegistration
	}
	if err := take(s.limits.conflicts.get(Network(c.address).String(), c.began), c.began, "too many accounts from this address"); err != nil {
		return err
	}
	var in api.UserRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	u, err := s.auth.Register(c.r.Context(), text(in.Email), text(in.Username), text(in.Password), false)
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

var errAccountTaken = &problem{status: http.StatusConflict, detail: "the e-mail address or the username is taken"}

func accountTaken(err error) error {
	if errors.Is(err, db.ErrTaken) {
		return errAccountTaken
	}
	return err
}

func (s *Server) handleRefresh(c *call) error {
	var in api.RefreshRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	var g auth.Grant
	err := s.guarded(c, "refresh", func() (err error) {
		g, err = s.auth.Refresh(c.r.Context(), in.RefreshToken)
		return err
	})
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, wireLogin(g))
	return nil
}

func (s *Server) handleLogout(c *call) error {
	session := c.who.Session()
	if session == nil {
		return &problem{status: http.StatusForbidden, detail: "there is no session to end: an API key is revoked instead"}
	}
	if err := s.d.EndSession(session.UserID, session.ID); err != nil {
		return err
	}
	if c.who.ByCookie() {
		s.clearCookie(c.w, c.r)
	}
	return noContent(c.w)
}

// handlePassword changes the caller's password and ends all other sessions.
func (s *Server) handlePassword(c *call) error {
	var in api.PasswordRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if err := s.changePassword(c, in); err != nil {
		return err
	}
	return noContent(c.w)
}

func (s *Server) changePassword(c *call, in api.PasswordRequest) error {
	session := c.who.Session()
	if session == nil {
		return &problem{status: http.StatusForbidden, detail: "an API key cannot change the password: sign in"}
	}
	if err := s.confirmPassword(c, in.CurrentPassword); err != nil {
		return err
	}
	if err := auth.CheckPassword(in.NewPassword); err != nil {
		return err
	}
	hash, err := s.auth.HashPassword(c.r.Context(), in.NewPassword)
	if err != nil {
		return err
	}
	return s.d.SetPassword(session.UserID, hash, session.ID)
}

// confirmPassword proves that the caller knows the account's password.
func (s *Server) confirmPassword(c *call, password string) error {
	u := c.who.User()
	err := s.guarded(c, "password", func() error {
		_, err := s.auth.VerifyPassword(c.r.Context(), u.Email, password)
		return err
	})
	var r *auth.Refusal
	if errors.As(err, &r) {
		return &problem{status: http.StatusForbidden, detail: "the current password is wrong"}
	}
	return err
}

func (s *Server) handleMe(c *call) error {
	u, err := s.d.User(c.r.Context(), c.who.User().ID)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, WireUser(&u))
	return nil
}

func (s *Server) handleUpdateMe(c *call) error {
	var in api.UserRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	switch {
	case in.Password != nil:
		return unprocessable("change the password by POST /auth/password")
	case in.IsAdmin != nil || in.Disabled != nil:
		return &problem{status: http.StatusForbidden, detail: "only an admin changes is_admin and disabled, by /api/users/{id}"}
	}
	u, err := s.d.UpdateUser(c.who.User().ID, func(u *db.User) error { return rename(u, in) })
	if err != nil {
		return accountTaken(err)
	}
	writeJSON(c.w, http.StatusOK, WireUser(&u))
	return nil
}

// handleDeleteMe removes the caller's account with its topics. It asks for the password.
func (s *Server) handleDeleteMe(c *call) error {
	var in api.DeleteAccountRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if c.who.Session() == nil {
		return &problem{status: http.StatusForbidden, detail: "an API key cannot delete the account: sign in"}
	}
	if err := s.deleteAccount(c, in.Password); err != nil {
		return err
	}
	return noContent(c.w)
}

// deleteAccount removes the caller's account when the password is its own, and signs the browser out.
func (s *Server) deleteAccount(c *call, password string) error {
	if err := s.confirmPassword(c, password); err != nil {
		return err
	}
	if err := s.d.DeleteUser(c.who.User().ID); err != nil {
		return err
	}
	if c.who.ByCookie() {
		s.clearCookie(c.w, c.r)
	}
	return nil
}
