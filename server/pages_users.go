package server

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showUsers(c *request.Call) error {
	if c.Asked("new") {
		return s.render(c, http.StatusOK, web.NewUserPage(web.Users{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := s.d.Users(c.R.Context())
	if err != nil {
		return err
	}
	topics, err := s.d.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	var v web.Users
	reset := c.Query.Get("reset")
	for _, u := range list {
		v.Users = append(v.Users, webAccount(c, u, topics[u.ID]))
		if u.ID == reset {
			v.Reset = s.reveal(c, u.ID, u.Username)
		}
	}
	return s.render(c, http.StatusOK, web.UsersPage(v))
}

func webAccount(c *request.Call, u db.User, topics int) web.Account {
	return web.Account{ID: u.ID, Name: u.Username, Email: u.Email, Admin: u.IsAdmin, Disabled: u.Disabled, Self: u.ID == c.User().ID,
		Topics: topics, CreatedAt: u.CreatedAt, SeenAt: u.LastLoginAt}
}

func (s *Server) submitUser(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, web.NewUserPage(web.Users{New: f}))
	}
	u, err := s.auth.Register(c.R.Context(), f.Value("email"), f.Value("username"), f.Value("password"), f.Value("admin") != "")
	if errors.Is(err, db.ErrTaken) {
		return s.render(c, http.StatusConflict, web.NewUserPage(web.Users{New: f.Wrong("username", web.AccountTaken)}))
	}
	if err != nil {
		return err
	}
	return s.seeOther(c, "/admin/users", "flash.user.added", u.Username)
}

// submitUserChange does what needs no question: more or fewer rights, and enabling.
func (s *Server) submitUserChange(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	key := ""
	u, err := s.d.UpdateUser(c.R.PathValue("id"), func(u *db.User) error {
		switch f.Value("do") {
		case "promote":
			u.IsAdmin, key = true, "flash.user.promoted"
		case "demote":
			u.IsAdmin, key = false, "flash.user.demoted"
		case "enable":
			u.Disabled, key = false, "flash.user.enabled"
		default:
			return request.BadRequest("there is no such change")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.seeOther(c, "/admin/users", key, u.Username)
}

func (s *Server) showUserQuestion(c *request.Call) error {
	u, err := s.d.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	topics, err := s.d.TopicsPerOwner(c.R.Context())
	if err != nil {
		return err
	}
	verb := c.R.PathValue("verb")
	if among(verb, "disable", "delete", "reset") == "" {
		return db.ErrNotFound
	}
	return s.render(c, http.StatusOK, web.AdminQuestionPage(web.AdminQuestion{Verb: verb, Account: webAccount(c, u, topics[u.ID])}))
}

func (s *Server) submitUserQuestion(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	u, err := s.d.User(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	switch c.R.PathValue("verb") {
	case "disable":
		_, err = s.d.UpdateUser(u.ID, func(u *db.User) error { u.Disabled = true; return nil })
	case "delete":
		err = s.d.DeleteUser(u.ID)
	case "reset":
		return s.resetPassword(c, u)
	default:
		return db.ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.seeOther(c, "/admin/users", "flash.user."+c.R.PathValue("verb")+"d", u.Username)
}

// resetPassword gives an account a new password that is shown once, to hand over.
func (s *Server) resetPassword(c *request.Call, u db.User) error {
	password := generateName()
	hash, err := s.auth.HashPassword(c.R.Context(), password)
	if err != nil {
		return err
	}
	if err := s.d.SetPassword(u.ID, hash, ""); err != nil {
		return err
	}
	s.reveals.put(c.Who.Session().ID, u.ID, password)
	return s.seeOther(c, "/admin/users?reset="+u.ID, "")
}
