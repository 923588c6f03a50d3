package pages

import (
	"net/http"
	"strings"
	"time"

	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowPreferences(c *request.Call) error {
	likes := frame.ParsePreferences(c.User().Preferences)
	if likes.Dates == "" {
		likes.Dates = "relative"
	}
	return p.preferencesView(c, http.StatusOK, web.Form{Values: map[string]string{"theme": likes.Theme, "dates": likes.Dates, "zone": likes.Zone}})
}

func (p *Pages) preferencesView(c *request.Call, status int, f web.Form) error {
	return p.Render(c, status, web.PreferencesPage(web.Preferences{Form: f, Example: p.DB.Now().Add(-4 * time.Minute)}))
}

func (p *Pages) SubmitPreferences(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	likes := frame.Preferences{Theme: frame.ThemeName(f.Value("theme")), Dates: frame.DatesName(f.Value("dates")), Zone: strings.TrimSpace(f.Value("zone"))}
	if f.Value("only") == "theme" { // the switch of the header leaves the rest alone
		likes = frame.ParsePreferences(c.User().Preferences)
		likes.Theme = frame.ThemeName(f.Value("theme"))
	}
	if _, err := time.LoadLocation(likes.Zone); err != nil || likes.Zone == "Local" {
		return p.preferencesView(c, http.StatusUnprocessableEntity, f.Wrong("zone", "Unknown time zone. Use a name such as Europe/Berlin."))
	}
	if err := p.DB.SetPreferences(c.User().ID, likes.String()); err != nil {
		return err
	}
	p.SetSmallCookie(c, frame.ThemeCookie, likes.Theme, themeAge(likes.Theme))
	return p.SeeOther(c, "/settings/preferences", "flash.saved")
}

// themeAge keeps the cookie for a year, so that the sign-in page has the colours too; the system's theme needs none.
func themeAge(theme string) int {
	if theme == "" {
		return -1
	}
	return 365 * 24 * 3600
}
