package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"notifer/server/request"
	"notifer/web"
)

// preferences is how an account likes its pages. The store keeps them as one text.
type preferences struct{ theme, dates, zone string }

func parsePreferences(text string) preferences {
	q, err := url.ParseQuery(text)
	if err != nil {
		return preferences{}
	}
	return preferences{themeName(q.Get("theme")), datesName(q.Get("dates")), q.Get("zone")}
}

func (p preferences) String() string {
	return url.Values{"theme": {p.theme}, "dates": {p.dates}, "zone": {p.zone}}.Encode()
}

// themeName is a known theme, or empty for the system's.
func themeName(s string) string { return oneOf(s, "light", "dark") }

func datesName(s string) string { return oneOf(s, "absolute", "both") }

func oneOf(s string, known ...string) string {
	if slices.Contains(known, s) {
		return s
	}
	return ""
}

func (p *Pages) ShowPreferences(c *request.Call) error {
	likes := parsePreferences(c.User().Preferences)
	if likes.dates == "" {
		likes.dates = "relative"
	}
	return p.preferencesView(c, http.StatusOK, web.Form{Values: map[string]string{"theme": likes.theme, "dates": likes.dates, "zone": likes.zone}})
}

func (p *Pages) preferencesView(c *request.Call, status int, f web.Form) error {
	return p.render(c, status, web.PreferencesPage(web.Preferences{Form: f, Example: p.db.Now().Add(-4 * time.Minute)}))
}

func (p *Pages) SubmitPreferences(c *request.Call) error {
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	likes := preferences{themeName(f.Value("theme")), datesName(f.Value("dates")), strings.TrimSpace(f.Value("zone"))}
	if f.Value("only") == "theme" { // the switch of the header leaves the rest alone
		likes = parsePreferences(c.User().Preferences)
		likes.theme = themeName(f.Value("theme"))
	}
	if _, err := time.LoadLocation(likes.zone); err != nil || likes.zone == "Local" {
		return p.preferencesView(c, http.StatusUnprocessableEntity, f.Wrong("zone", "Unknown time zone. Use a name such as Europe/Berlin."))
	}
	if err := p.db.SetPreferences(c.User().ID, likes.String()); err != nil {
		return err
	}
	p.setSmallCookie(c, themeCookie, likes.theme, themeAge(likes.theme))
	return p.seeOther(c, "/settings/preferences", "flash.saved")
}

// themeAge keeps the cookie for a year, so that the sign-in page has the colours too; the system's theme needs none.
func themeAge(theme string) int {
	if theme == "" {
		return -1
	}
	return 365 * 24 * 3600
}
