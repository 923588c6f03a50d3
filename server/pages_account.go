package server

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

func (s *Server) showProfile(c *request.Call) error {
	return s.profileView(c, http.StatusOK, web.Form{Values: map[string]string{"username": c.User().Username}})
}

func (s *Server) profileView(c *request.Call, status int, f web.Form) error {
	n, err := s.d.CountTopics(c.R.Context(), db.TopicFilter{Owner: c.User().ID})
	if err != nil {
		return err
	}
	return s.render(c, status, web.ProfilePage(web.Profile{Form: f, Email: c.User().Email, Since: c.User().CreatedAt, Admin: c.User().IsAdmin, Topics: n}))
}

func (s *Server) submitProfile(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(f.Value("username"))
	if auth.CheckUsername(name) != nil {
		return s.profileView(c, http.StatusUnprocessableEntity, f.Wrong("username", web.UsernameRule))
	}
	_, err = s.d.UpdateUser(c.User().ID, func(u *db.User) error { u.Username = name; return nil })
	if errors.Is(err, db.ErrTaken) {
		return s.profileView(c, http.StatusConflict, f.Wrong("username", "This username is already taken."))
	}
	if err != nil {
		return err
	}
	return s.seeOther(c, "/settings", "flash.saved")
}

func (s *Server) showPreferences(c *request.Call) error {
	likes := parsePreferences(c.User().Preferences)
	if likes.dates == "" {
		likes.dates = "relative"
	}
	return s.preferencesView(c, http.StatusOK, web.Form{Values: map[string]string{"theme": likes.theme, "dates": likes.dates, "zone": likes.zone}})
}

func (s *Server) preferencesView(c *request.Call, status int, f web.Form) error {
	return s.render(c, status, web.PreferencesPage(web.Preferences{Form: f, Example: s.d.Now().Add(-4 * time.Minute)}))
}

func (s *Server) submitPreferences(c *request.Call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	likes := preferences{themeName(f.Value("theme")), datesName(f.Value("dates")), strings.TrimSpace(f.Value("zone"))}
	if _, err := time.LoadLocation(likes.zone); err != nil || likes.zone == "Local" {
		return s.preferencesView(c, http.StatusUnprocessableEntity, f.Wrong("zone", "Unknown time zone. Use a name such as Europe/Berlin."))
	}
	if err := s.d.SetPreferences(c.User().ID, likes.String()); err != nil {
		return err
	}
	s.keepCookie(c, themeCookie, likes.theme, themeAge(likes.theme))
	return s.seeOther(c, "/settings/preferences", "flash.saved")
}

// themeAge keeps the cookie for a year, so that the sign-in page has the colours too; the system's theme needs none.
func themeAge(theme string) int {
	if theme == "" {
		return -1
	}
	return 365 * 24 * 3600
}
