package pages

import (
	"net/http"
	"strings"
	"time"

	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

func (p *Pages) ShowPreferences(c *request.Call) error {
	prefs := frame.ParsePreferences(c.User().Preferences)
	if prefs.Dates == "" {
		prefs.Dates = "relative"
	}
	return p.preferencesView(c, http.StatusOK, web.Form{Values: map[string]string{"theme": prefs.Theme, "dates": prefs.Dates, "zone": prefs.Zone}})
}

func (p *Pages) preferencesView(c *request.Call, status int, f web.Form) error {
	return p.Render(c, status, views.PreferencesPage(views.Preferences{Form: f, Example: p.DB.Now().Add(-4 * time.Minute)}))
}

func (p *Pages) SubmitPreferences(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	prefs := frame.Preferences{Theme: frame.ThemeName(f.Value("theme")), Dates: frame.DatesName(f.Value("dates")), Zone: strings.TrimSpace(f.Value("zone"))}
	if f.Value("only") == "theme" { // the button in the header changes nothing else
		prefs = frame.ParsePreferences(c.User().Preferences)
		prefs.Theme = frame.ThemeName(f.Value("theme"))
	}
	if _, err := time.LoadLocation(prefs.Zone); err != nil || prefs.Zone == "Local" {
		return p.preferencesView(c, http.StatusUnprocessableEntity, f.Wrong("zone", "Unknown time zone. Use a name such as Europe/Berlin."))
	}
	moved := prefs.Zone // of the devices
	if moved == frame.ParsePreferences(c.User().Preferences).Zone {
		moved = ""
	}
	if err := p.DB.SetPreferences(c.User().ID, prefs.String(), moved); err != nil {
		return err
	}
	p.SetSmallCookie(c, frame.ThemeCookie, prefs.Theme, themeAge(prefs.Theme))
	return p.SeeOther(c, "/settings/preferences", "flash.saved")
}

// themeAge is the age of the cookie in seconds: a year, so that the sign-in page has the theme too, or none for the system's theme.
func themeAge(theme string) int {
	if theme == "" {
		return -1
	}
	return 365 * 24 * 3600
}
