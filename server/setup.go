package server

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

// SetupPath is where the one-time setup link leads.
const SetupPath = "/setup"

// handleSetup makes the first admin with the code of the setup link: from JSON, or from the page's form.
func (s *Server) handleSetup(c *call) error {
	var in api.SetupRequest
	form := !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json")
	if form {
		if err := readSetupForm(c, &in); err != nil {
			return err
		}
	} else if err := readJSON(c, &in); err != nil {
		return err
	}
	if in.Code == "" {
		in.Code = c.r.URL.Query().Get("code")
	}
	u, err := s.setUp(c, in)
	if err != nil {
		return err
	}
	if form {
		c.w.Header().Set("Location", s.base+"/")
		c.w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	return s.answerLogin(c, u, http.StatusCreated)
}

func readSetupForm(c *call, in *api.SetupRequest) error {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxJSONBody)
	if err := c.r.ParseForm(); err != nil {
		return badRequest("the form did not arrive whole: send it again")
	}
	f := c.r.PostForm
	*in = api.SetupRequest{Code: f.Get("code"), Email: f.Get("email"), Username: f.Get("username"), Password: f.Get("password")}
	return nil
}

func (s *Server) setUp(c *call, in api.SetupRequest) (db.User, error) {
	var u db.User
	err := s.guarded(c, "setup", func() (err error) {
		u, err = s.auth.Setup(c.r.Context(), in.Code, in.Email, in.Username, in.Password)
		return err
	})
	if errors.Is(err, db.ErrTaken) {
		err = &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.UnknownSecret, Detail: "the server is set up already: sign in"}
	}
	return u, err
}

// showSetup says how to use the setup link.
func (s *Server) showSetup(c *call) error {
	return s.showSetupPage(c)
}
