package frame

import (
	"net/url"
	"slices"
)

// Preferences is how an account wants its pages. The store keeps them as one text.
type Preferences struct{ Theme, Dates, Zone string }

// ParsePreferences reads the text that the store keeps.
func ParsePreferences(text string) Preferences {
	q, err := url.ParseQuery(text)
	if err != nil {
		return Preferences{}
	}
	return Preferences{ThemeName(q.Get("theme")), DatesName(q.Get("dates")), q.Get("zone")}
}

func (p Preferences) String() string {
	return url.Values{"theme": {p.Theme}, "dates": {p.Dates}, "zone": {p.Zone}}.Encode()
}

// ThemeName is a known theme, or empty for the system's.
func ThemeName(s string) string { return oneOf(s, "light", "dark") }

// DatesName is a known way to write dates, or empty for how long ago.
func DatesName(s string) string { return oneOf(s, "absolute", "both") }

// oneOf is s where it is known, else empty.
func oneOf(s string, known ...string) string {
	if slices.Contains(known, s) {
		return s
	}
	return ""
}
