package server

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/web"
)

func (s *Server) showUsers(c *call) error {
	if c.asked("new") {
		return s.render(c, http.StatusOK, web.NewUserPage(web.Users{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := s.d.Users(c.r.Context())
	if err != nil {
		return err
	}
	topics, err := s.d.TopicsPerOwner(c.r.Context())
	if err != nil {
		return err
	}
	var v web.Users
	reset := c.query.Get("reset")
	for _, u := range list {
		v.Users = append(v.Users, webAccount(c, u, topics[u.ID]))
		if u.ID == reset {
			v.Reset = s.reveal(c, u.ID, u.Username)
		}
	}
	return s.render(c, http.StatusOK, web.UsersPage(v))
}

func webAccount(c *call, u db.User, topics int) web.Account {
	return web.Account{ID: u.ID, Name: u.Username, Email: u.Email, Admin: u.IsAdmin, Disabled: u.Disabled, Self: u.ID == c.user().ID,
		Topics: topics, CreatedAt: u.CreatedAt, SeenAt: u.LastLoginAt}
}

func (s *Server) submitUser(c *call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if f = checkAccount(f); len(f.Problems) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, web.NewUserPage(web.Users{New: f}))
	}
	u, err := s.auth.Register(c.r.Context(), f.Value("email"), f.Value("username"), f.Value("password"), f.Value("admin") != "")
	if errors.Is(err, db.ErrTaken) {
		return s.render(c, http.StatusConflict, web.NewUserPage(web.Users{New: f.Wrong("username", "account.taken")}))
	}
	if err != nil {
		return err
	}
	return s.seeOther(c, "/admin/users", "flash.user.added", u.Username)
}

// submitUserChange does what needs no question: more or fewer rights, and enabling.
func (s *Server) submitUserChange(c *call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	key := ""
	u, err := s.d.UpdateUser(c.r.PathValue("id"), func(u *db.User) error {
		switch f.Value("do") {
		case "promote":
			u.IsAdmin, key = true, "flash.user.promoted"
		case "demote":
			u.IsAdmin, key = false, "flash.user.demoted"
		case "enable":
			u.Disabled, key = false, "flash.user.enabled"
		default:
			return badRequest("there is no such change")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.seeOther(c, "/admin/users", key, u.Username)
}

func (s *Server) showUserQuestion(c *call) error {
	u, err := s.d.User(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	topics, err := s.d.TopicsPerOwner(c.r.Context())
	if err != nil {
		return err
	}
	verb := c.r.PathValue("verb")
	if among(verb, "disable", "delete", "reset") == "" {
		return db.ErrNotFound
	}
	return s.render(c, http.StatusOK, web.AdminQuestionPage(web.AdminQuestion{Verb: verb, Account: webAccount(c, u, topics[u.ID])}))
}

func (s *Server) submitUserQuestion(c *call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	u, err := s.d.User(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	switch c.r.PathValue("verb") {
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
	return s.seeOther(c, "/admin/users", "flash.user."+c.r.PathValue("verb")+"d", u.Username)
}

// resetPassword gives an account a new password that is shown once, to hand over.
func (s *Server) resetPassword(c *call, u db.User) error {
	password := generateName()
	hash, err := s.auth.HashPassword(c.r.Context(), password)
	if err != nil {
		return err
	}
	if err := s.d.SetPassword(u.ID, hash, ""); err != nil {
		return err
	}
	s.reveals.put(c.who.Session().ID, u.ID, password)
	return s.seeOther(c, "/admin/users?reset="+u.ID, "")
}
