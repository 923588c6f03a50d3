package pages

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowKeys(c *request.Call) error {
	if c.Asked("new") {
		return p.Render(c, http.StatusOK, web.NewKeyPage(web.Keys{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := p.DB.Keys(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := web.Keys{}
	created := c.Query.Get("created")
	for _, k := range list {
		if key := p.webKey(k); key.Status == "active" {
			v.Keys = append(v.Keys, key)
		} else {
			v.Ended = append(v.Ended, key)
		}
		if k.ID != created {
			continue
		}
		var gone bool
		if v.Reveal, gone, err = p.RevealSecret(c, k.ID, k.Name); err != nil {
			return err
		}
		if gone {
			v.Gone = k.Name
		}
	}
	return p.Render(c, http.StatusOK, web.KeysPage(v))
}

func (p *Pages) webKey(k db.Key) web.Key {
	status := "active"
	if !k.RevokedAt.IsZero() {
		status = "revoked"
	} else if !k.Live(p.DB.Now()) {
		status = "expired"
	}
	return web.Key{ID: k.ID, Name: k.Name, Description: k.Description, Hint: k.Hint, Scopes: strings.Split(k.Scopes, ","), CreatedAt: k.CreatedAt,
		LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, Status: status, Requests: int(k.RequestCount)}
}

func (p *Pages) SubmitKey(c *request.Call) error {
	f, all, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	for _, scope := range all["scopes"] {
		f.Values["scope-"+scope] = "1"
	}
	v := manage.KeyValues{Name: f.Value("name"), Description: f.Value("description"), Scopes: append([]string{}, all["scopes"]...)}
	var ok bool
	if v.Expires, ok = keyExpiry(p.DB.Now(), f.Value("expires")); !ok {
		f = f.Wrong("expires", web.ChooseOption)
	}
	_, err = p.Manage.NewKey(manage.ActorOf(c.Who), v)
	if f = keyProblems(f, err); len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, web.NewKeyPage(web.Keys{New: f}))
	}
	k, secret, err := p.Manage.CreateKey(c.R.Context(), manage.ActorOf(c.Who), v)
	if err != nil {
		return err
	}
	p.KeepSecret(c, k.ID, secret)
	return p.SeeOther(c, "/settings/keys?created="+k.ID, "")
}

// keyProblems adds what the rules have found to a form.
func keyProblems(f web.Form, err error) web.Form {
	for _, problem := range frame.ProblemsOf(err) {
		switch problem.Field {
		case "name":
			f = f.Wrong("name", "A name has 1 to 60 visible characters.")
		case "scopes":
			f = f.Wrong("scopes", web.ChoosePermission)
		default:
			f = f.Wrong("", problem.Detail)
		}
	}
	return f
}

// keyExpiry reads a number of days from now; empty is never.
func keyExpiry(now time.Time, text string) (time.Time, bool) {
	d, ok := parseDays(text)
	if d == 0 {
		return time.Time{}, ok
	}
	return now.Add(d), ok
}

func (p *Pages) ShowEndKey(c *request.Call) error {
	k, err := p.DB.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.EndKeyPage(web.EndKey{Key: p.webKey(k)}))
}

func (p *Pages) SubmitEndKey(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	k, err := p.DB.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err == nil {
		err = p.DB.RevokeKey(c.User().ID, k.ID)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return p.SeeOther(c, "/settings/keys", "flash.revoked", k.Name)
}
