package server

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

// plainName is the name of a token or key in its one spelling, and whether it may be one: it can be seen, and turns nothing
// around that stands beside it.
func plainName(text string) (string, bool) {
	name := strings.Join(strings.Fields(text), " ")
	seen := strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && unicode.IsGraphic(r) })
	return name, seen && utf8.RuneCountInString(name) <= maxTokenName && !hasControl(name)
}

// readTokenForm takes over what a form says about a token; the form returned holds what was wrong.
func (s *Server) readTokenForm(c *request.Call, f web.Form, t *db.Token) web.Form {
	var ok bool
	var err error
	if t.Name, ok = plainName(f.Value("name")); !ok {
		f = f.Wrong("name", "A name has 1 to 60 characters.")
	}
	f = s.readExpiry(c, f, t)
	if t.Note, err = CheckNote(f.Value("note")); err != nil {
		f = f.Wrong("note", "A note is one line of at most 200 characters.")
	}
	if t.Networks, err = auth.ParseNetworks(f.Value("networks")); err != nil || len(t.Networks) > 1000 {
		f = f.Wrong("networks", "Enter networks such as 192.168.1.0/24, separated by commas.")
	}
	if t.DefaultTags, err = joinTags(strings.Split(f.Value("tags"), ",")); err != nil {
		f = f.Wrong("tags", "Tags hold letters, digits, -, _ and . only, separated by commas.")
	}
	t.DefaultPriority, _ = strconv.Atoi(f.Value("priority"))
	if t.DefaultPriority < 0 || t.DefaultPriority > 5 {
		t.DefaultPriority = 0
	}
	t.RefuseInURL, t.QuietNetworks = f.Value("refuse_in_url") != "", f.Value("new_network") == ""
	return f
}

// readExpiry reads the choice of an end: so many days, a day, never, or what it is already.
func (s *Server) readExpiry(c *request.Call, f web.Form, t *db.Token) web.Form {
	switch v := f.Value("expires"); {
	case v == "keep":
	case v == "date":
		return s.readLastDay(c, f, t)
	case v == "" || v == "never":
		if t.ExpiresAt = (time.Time{}); s.c.MaxExpiry > 0 {
			return f.Wrong("expires", web.ChooseOption)
		}
	case slices.Contains(web.Expiries, v) && s.offered(v):
		days, _ := strconv.Atoi(v)
		t.ExpiresAt = s.d.Now().Add(time.Duration(days) * 24 * time.Hour)
	case v == web.Longest && s.c.MaxExpiry > 0:
		t.ExpiresAt = s.d.Now().Add(s.c.MaxExpiry)
	default:
		return f.Wrong("expires", web.ChooseOption)
	}
	return f
}

// readLastDay reads the last day on which a token works, in the reader's zone.
func (s *Server) readLastDay(c *request.Call, f web.Form, t *db.Token) web.Form {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(f.Value("date")), s.zone(c))
	if err != nil || day.Before(s.tomorrow(c)) || day.Year() > 9000 {
		return f.Wrong("date", "Choose a day from tomorrow on.")
	}
	t.ExpiresAt = day.AddDate(0, 0, 1)
	if s.c.MaxExpiry > 0 && t.ExpiresAt.After(s.d.Now().Add(s.c.MaxExpiry)) {
		return f.Wrong("date", "That is later than this server allows.")
	}
	return f
}
