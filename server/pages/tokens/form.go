package tokens

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

// tokenValues are what a form says about a token; the form returned holds what is wrong with its choice of an end.
func (p *Tokens) tokenValues(c *request.Call, f web.Form) (manage.TokenValues, web.Form) {
	name, note, tags, networks := f.Value("name"), f.Value("note"), strings.Split(f.Value("tags"), ","), []string{}
	if text := f.Value("networks"); strings.TrimSpace(text) != "" {
		networks = strings.Split(text, ",")
	}
	priority, err := strconv.Atoi(cmp.Or(f.Value("priority"), "0"))
	if err != nil {
		priority = -1
	}
	refuse, quiet := f.Value("refuse_in_url") != "", f.Value("new_network") == ""
	v := manage.TokenValues{Name: &name, Note: &note, Networks: &networks, Priority: &priority, Tags: &tags, RefuseInURL: &refuse, QuietNetworks: &quiet}
	shape := f.Value("shape")
	v.Shape = &shape
	if secret := f.Value("signing_secret"); secret != "" || f.Value("no_signing") != "" {
		v.SigningSecret = &secret
	}
	f = p.readExpiry(c, f, &v)
	return v, f
}

// tokenProblems are the texts of the form for the fields that a rule refuses.
var tokenProblems = map[string]web.Problem{
	"name":             {Field: "name", Text: "A name has 1 to 60 characters."},
	"note":             {Field: "note", Text: "A note is one line of at most 200 characters."},
	"networks":         {Field: "networks", Text: "Enter networks such as 192.168.1.0/24, separated by commas; 1000 characters at most."},
	"default_tags":     {Field: "tags", Text: "Tags hold letters, digits, -, _ and . only, separated by commas."},
	"default_priority": {Field: "priority", Text: web.ChooseOption},
	"permissions":      {Field: "permissions", Text: web.ChoosePermission},
	"expires_at":       {Field: "expires", Text: web.ChooseOption},
	"shape":            {Field: "shape", Text: web.ChooseOption},
	"signing_secret":   {Field: "signing_secret", Text: "A signing secret has 8 to 200 characters; what follows whsec_ must be base64."},
}

// addTokenProblems adds what the rules have found to a form.
func addTokenProblems(c *request.Call, f web.Form, err error) web.Form {
	for _, problem := range frame.ProblemsOf(err) {
		text, known := tokenProblems[problem.Field]
		switch {
		case problem.Field == "expires_at" && f.Value("expires") == "date":
			if f.Problem("date") == "" {
				f = f.Wrong("date", "That is later than this server allows.")
			}
		case known:
			f = f.Wrong(text.Field, text.Text)
		case problem.Kind == auth.ErrMalformed:
			f = f.Wrong("", web.TokensRefused(c.Topic.Name))
		default:
			f = f.Wrong("", problem.Detail)
		}
	}
	return f
}

// readExpiry reads the choice of an end: so many days, a day, never, or what it is already.
func (p *Tokens) readExpiry(c *request.Call, f web.Form, v *manage.TokenValues) web.Form {
	var end time.Time
	switch choice := f.Value("expires"); {
	case choice == "keep":
		return f
	case choice == "date":
		return p.readLastDay(c, f, v)
	case choice == "" || choice == "never":
	case slices.Contains(web.Expiries, choice):
		days, _ := strconv.Atoi(choice)
		end = p.DB.Now().Add(time.Duration(days) * 24 * time.Hour)
	case choice == views.Longest && p.Manage.Rules().MaxExpiry > 0:
		end = p.DB.Now().Add(p.Manage.Rules().MaxExpiry)
	default:
		return f.Wrong("expires", web.ChooseOption)
	}
	v.Expires = &end
	return f
}

// readLastDay reads the last day on which a token works, in the reader's zone.
func (p *Tokens) readLastDay(c *request.Call, f web.Form, v *manage.TokenValues) web.Form {
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(f.Value("date")), p.ReaderZone(c))
	if err != nil || day.Before(p.tomorrow(c)) {
		return f.Wrong("date", "Choose a day from tomorrow on.")
	}
	end := day.AddDate(0, 0, 1)
	v.Expires = &end
	return f
}
