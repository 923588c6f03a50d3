package server

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showDeleteAccount(c *request.Call) error {
	return s.deleteAccountView(c, http.StatusOK, web.Form{})
}

// deleteAccountView answers with the question, or for the last admin with what has to come first.
func (s *Server) deleteAccountView(c *request.Call, status int, f web.Form) error {
	n, err := s.d.CountTopics(c.R.Context(), db.TopicFilter{Owner: c.User().ID})
	if err != nil {
		return err
	}
	last, err := s.lastAdmin(c)
	if err != nil {
		return err
	}
	return s.render(c, status, web.DeleteAccountPage(web.DeleteAccount{Form: f, Name: c.User().Username, Topics: n, Last: last}))
}

// lastAdmin reports whether nobody but the caller could administer the server.
func (s *Server) lastAdmin(c *request.Call) (bool, error) {
	if !c.User().IsAdmin {
		return false, nil
	}
	list, err := s.d.Users(c.R.Context())
	for _, u := range list {
		if u.IsAdmin && !u.Disabled && u.ID != c.User().ID {
			return false, err
		}
	}
	return true, err
}

// submitDeleteAccount removes the caller's account when its name and password are given, and leads to the sign-in page.
func (s *Server) submitDeleteAccount(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.User().Username {
		return s.deleteAccountView(c, http.StatusUnprocessableEntity, f.Wrong("confirm", "That is not your username."))
	}
	err = s.deleteAccount(c, f.Value("password"))
	if err == nil {
		return s.seeOther(c, "/login", "flash.left")
	}
	if errors.Is(err, db.ErrLast) {
		return s.deleteAccountView(c, http.StatusConflict, f)
	}
	if f, err = wrongPassword(f, err); err != nil {
		return err
	}
	return s.deleteAccountView(c, http.StatusUnprocessableEntity, f)
}
