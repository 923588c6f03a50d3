package server

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showSecurity(c *request.Call) error {
	return s.securityView(c, http.StatusOK, web.Form{})
}

func (s *Server) securityView(c *request.Call, status int, f web.Form) error {
	list, err := s.d.Sessions(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := web.Security{Form: web.Form{Problems: f.Problems}}
	for _, x := range list {
		v.Sessions = append(v.Sessions, web.Session{ID: x.ID, Device: device(x.Agent), Address: x.Address, CreatedAt: x.CreatedAt,
			UsedAt: x.LastUsedAt, Current: x.ID == c.Who.Session().ID})
	}
	return s.render(c, status, web.SecurityPage(v))
}

func (s *Server) submitPassword(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	if key := passwordProblem(f.Value("new_password")); key != "" {
		return s.securityView(c, http.StatusUnprocessableEntity, f.Wrong("new_password", key))
	}
	err = s.changePassword(c, api.PasswordRequest{CurrentPassword: f.Value("current_password"), NewPassword: f.Value("new_password")})
	var p *request.Problem
	if errors.As(err, &p) {
		return s.securityView(c, p.Status, f.Wrong("current_password", "That is not your current password."))
	}
	if err != nil {
		return err
	}
	return s.seeOther(c, "/settings/security", "flash.password")
}

// passwordProblem is what is wrong with a new password, empty when nothing is.
func passwordProblem(password string) string {
	if auth.CheckPassword(password) == nil {
		return ""
	}
	if n := len([]rune(password)); n < 8 || n > 128 {
		return "A password has 8 to 128 characters."
	}
	return "This password is too common. Choose another one."
}

func (s *Server) submitEndSession(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	err := s.d.EndSession(c.User().ID, c.R.PathValue("id"))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return s.seeOther(c, "/settings/security", "flash.session")
}

func (s *Server) submitEndSessions(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	if err := s.d.EndSessions(c.User().ID, ""); err != nil {
		return err
	}
	s.site.ClearCookie(c.W, c.R)
	return s.seeOther(c, "/login", "flash.sessions")
}

// device names a browser and its system from a User-Agent, roughly: it is read by the one who used it.
func device(agent string) string {
	name := firstOf(agent, "Edg/:Edge", "OPR/:Opera", "Firefox/:Firefox", "Chrome/:Chrome", "Safari/:Safari", "curl/:curl")
	system := firstOf(agent, "iPhone:iPhone", "iPad:iPad", "Android:Android", "Windows:Windows", "Mac OS:macOS", "CrOS:ChromeOS", "Linux:Linux")
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name+system != "":
		return name + system
	case agent == "":
		return "Unknown device"
	}
	return clipRunes(agent, 60)
}

func firstOf(text string, pairs ...string) string {
	for _, pair := range pairs {
		if mark, name, _ := strings.Cut(pair, ":"); strings.Contains(text, mark) {
			return name
		}
	}
	return ""
}
