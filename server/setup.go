package server

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

// SetupPath is where the one-time setup link leads.
const SetupPath = "/setup"

// handleSetup makes the first admin with the code of the setup link, from JSON.
func (s *Server) handleSetup(c *request.Call) error {
	var in api.SetupRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Code == "" {
		in.Code = c.Query.Get("code")
	}
	u, err := s.setUp(c, in)
	if err != nil {
		return err
	}
	return s.answerLogin(c, u, http.StatusCreated)
}

func (s *Server) setUp(c *request.Call, in api.SetupRequest) (db.User, error) {
	var u db.User
	err := s.site.Guarded(c, "setup", func() (err error) {
		u, err = s.auth.Setup(c.R.Context(), in.Code, in.Email, in.Username, in.Password)
		return err
	})
	if errors.Is(err, db.ErrSetUp) {
		return u, &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.UnknownSecret, Detail: "the server is set up already: sign in"}
	}
	return u, accountTaken(err)
}
