package server

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

func (s *Server) handleUsers(c *request.Call) error {
	list, err := s.d.Users(c.R.Context())
	if err != nil {
		return err
	}
	out := make([]api.User, len(list))
	for i := range list {
		out[i] = WireUser(&list[i])
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (s *Server) handleCreateUser(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := s.createUser(c, in)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusCreated, WireUser(&u))
	return nil
}

func (s *Server) createUser(c *request.Call, in api.UserRequest) (db.User, error) {
	admin := in.IsAdmin != nil && *in.IsAdmin
	u, err := s.auth.Register(c.R.Context(), text(in.Email), text(in.Username), text(in.Password), admin)
	if err != nil {
		return u, accountTaken(err)
	}
	if in.Disabled != nil && *in.Disabled {
		return s.d.UpdateUser(u.ID, func(u *db.User) error { u.Disabled = true; return nil })
	}
	return u, nil
}

func (s *Server) handleUpdateUser(c *request.Call) error {
	var in api.UserRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	u, err := s.updateUser(c, c.R.PathValue("id"), in)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, WireUser(&u))
	return nil
}

func (s *Server) updateUser(c *request.Call, id string, in api.UserRequest) (db.User, error) {
	hash, err := s.newPassword(c, in)
	if err != nil {
		return db.User{}, err
	}
	u, err := s.d.UpdateUser(id, func(u *db.User) error {
		if in.IsAdmin != nil {
			u.IsAdmin = *in.IsAdmin
		}
		if in.Disabled != nil {
			u.Disabled = *in.Disabled
		}
		if hash != "" {
			u.PasswordHash = hash
		}
		return rename(u, in)
	})
	return u, accountTaken(err)
}

// newPassword is the hash of the password that a request sets, empty without one.
func (s *Server) newPassword(c *request.Call, in api.UserRequest) (string, error) {
	if in.Password == nil {
		return "", nil
	}
	if err := auth.CheckPassword(*in.Password); err != nil {
		return "", err
	}
	return s.auth.HashPassword(c.R.Context(), *in.Password)
}

// rename gives an account the name of a request, and refuses another e-mail address.
func rename(u *db.User, in api.UserRequest) error {
	if in.Email != nil && db.FoldEmail(*in.Email) != u.Email {
		return request.Unprocessable("the e-mail address never changes")
	}
	if in.Username == nil {
		return nil
	}
	u.Username = *in.Username
	return auth.CheckUsername(u.Username)
}

// handleDeleteUser removes an account with its topics.
func (s *Server) handleDeleteUser(c *request.Call) error {
	if err := s.d.DeleteUser(c.R.PathValue("id")); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
