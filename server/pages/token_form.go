package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

// readTokenForm takes over what a form says about a token; the form returned holds what was wrong.
func (p *Pages) readTokenForm(c *request.Call, f web.Form, t *db.Token) web.Form {
	var ok bool
	var err error
	if t.Name, ok = p.rules.PlainName(f.Value("name")); !ok {
		f = f.Wrong("name", "A name has 1 to 60 characters.")
	}
	f = p.readExpiry(c, f, t)
	if t.Note, err = p.rules.CheckNote(f.Value("note")); err != nil {
		f = f.Wrong("note", "A note is one line of at most 200 characters.")
	}
	if t.Networks, err = auth.ParseNetworks(f.Value("networks")); err != nil || len(t.Networks) > 1000 {
		f = f.Wrong("networks", "Enter networks such as 192.168.1.0/24, separated by commas.")
	}
	if t.DefaultTags, err = p.rules.JoinTags(strings.Split(f.Value("tags"), ",")); err != nil {
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
func (p *Pages) readExpiry(c *request.Call, f web.Form, t *db.Token) web.Form {
	switch v := f.Value("expires"); {
	case v == "keep":
	case v == "date":
		return p.readLastDay(c, f, t)
	case v == "" || v == "never":
		if t.ExpiresAt = (time.Time{}); p.settings.MaxExpiry > 0 {
			return f.Wrong("expires", web.ChooseOption)
		}
	case slices.Contains(web.Expiries, v) && p.offersExpiry(v):
		days, _ := strconv.Atoi(v)
		t.ExpiresAt = p.db.Now().Add(time.Duration(days) * 24 * time.Hour)
	case v == web.Longest && p.settings.MaxExpiry > 0:
		t.ExpiresAt = p.db.Now().Add(p.settings.MaxExpiry)
	default:
		return f.Wrong("expires", web.ChooseOption)
	}
	return f
}

// readLastDay reads the last day on which a token works, in the reader's zone.
func (p *Pages) readLastDay(c *request.Call, f web.Form, t *db.Token) web.Form {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(f.Value("date")), p.readerZone(c))
	if err != nil || day.Before(p.tomorrow(c)) || day.Year() > 9000 {
		return f.Wrong("date", "Choose a day from tomorrow on.")
	}
	t.ExpiresAt = day.AddDate(0, 0, 1)
	if p.settings.MaxExpiry > 0 && t.ExpiresAt.After(p.db.Now().Add(p.settings.MaxExpiry)) {
		return f.Wrong("date", "That is later than this server allows.")
	}
	return f
}
