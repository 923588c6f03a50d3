package server

import (
	"net/url"
	"slices"
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
func themeName(s string) string { return among(s, "light", "dark") }

func datesName(s string) string { return among(s, "absolute", "both") }

func among(s string, known ...string) string {
	if slices.Contains(known, s) {
		return s
	}
	return ""
}
