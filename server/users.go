package server

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

func (s *Server) handleUsers(c *call) error {
	list, err := s.d.Users(c.r.Context())
	if err != nil {
		return err
	}
	out := make([]api.User, len(list))
	for i := range list {
		out[i] = WireUser(&list[i])
	}
	writeJSON(c.w, http.StatusOK, out)
	return nil
}

func (s *Server) handleCreateUser(c *call) error {
	var in api.UserRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	u, err := s.createUser(c, in)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusCreated, WireUser(&u))
	return nil
}

func (s *Server) createUser(c *call, in api.UserRequest) (db.User, error) {
	admin := in.IsAdmin != nil && *in.IsAdmin
	u, err := s.auth.Register(c.r.Context(), text(in.Email), text(in.Username), text(in.Password), admin)
	if err != nil {
		return u, accountTaken(err)
	}
	if in.Disabled != nil && *in.Disabled {
		u.Disabled = true
		err = s.d.UpdateUser(u)
	}
	return u, err
}

func (s *Server) handleUpdateUser(c *call) error {
	var in api.UserRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	u, err := s.updateUser(c, c.r.PathValue("id"), in)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, WireUser(&u))
	return nil
}

func (s *Server) updateUser(c *call, id string, in api.UserRequest) (db.User, error) {
	u, err := s.d.User(c.r.Context(), id)
	if err != nil {
		return u, err
	}
	if in.Email != nil && db.FoldEmail(*in.Email) != u.Email {
		return u, unprocessable("the e-mail address never changes")
	}
	if in.Username != nil {
		if err := auth.CheckUsername(*in.Username); err != nil {
			return u, err
		}
		u.Username = *in.Username
	}
	if in.IsAdmin != nil {
		u.IsAdmin = *in.IsAdmin
	}
	if in.Disabled != nil {
		u.Disabled = *in.Disabled
	}
	var hash string
	if in.Password != nil {
		if err := auth.CheckPassword(*in.Password); err != nil {
			return u, err
		}
		if hash, err = s.auth.HashPassword(c.r.Context(), *in.Password); err != nil {
			return u, err
		}
	}
	if err := s.d.UpdateUser(u); err != nil {
		return u, accountTaken(err)
	}
	if hash != "" {
		return u, s.d.SetPassword(u.ID, hash, "")
	}
	return u, nil
}

// handleDeleteUser removes an account with its topics.
func (s *Server) handleDeleteUser(c *call) error {
	if err := s.d.DeleteUser(c.r.PathValue("id")); err != nil {
		return err
	}
	return noContent(c.w)
}
