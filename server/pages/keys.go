package pages

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

func (p *Pages) ShowKeys(c *request.Call) error {
	if c.Asked("new") {
		return p.render(c, http.StatusOK, web.NewKeyPage(web.Keys{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := p.db.Keys(c.R.Context(), c.User().ID)
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
		if v.Reveal, gone, err = p.revealSecret(c, k.ID, k.Name); err != nil {
			return err
		}
		if gone {
			v.Gone = k.Name
		}
	}
	return p.render(c, http.StatusOK, web.KeysPage(v))
}

func (p *Pages) webKey(k db.Key) web.Key {
	status := "active"
	if !k.RevokedAt.IsZero() {
		status = "revoked"
	} else if !k.Live(p.db.Now()) {
		status = "expired"
	}
	return web.Key{ID: k.ID, Name: k.Name, Description: k.Description, Hint: k.Hint, Scopes: strings.Split(k.Scopes, ","), CreatedAt: k.CreatedAt,
		LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, Status: status, Requests: int(k.RequestCount)}
}

func (p *Pages) SubmitKey(c *request.Call) error {
	f, all, err := p.readForm(c)
	if err != nil {
		return err
	}
	k := db.Key{UserID: c.User().ID, Scopes: strings.Join(all["scopes"], ",")}
	for _, scope := range all["scopes"] {
		f.Values["scope-"+scope] = "1"
	}
	var ok bool
	if k.Name, ok = p.rules.PlainName(f.Value("name")); !ok {
		f = f.Wrong("name", "A name has 1 to 60 visible characters.")
	}
	if !knownScopes(all["scopes"]) {
		f = f.Wrong("scopes", web.ChoosePermission)
	}
	if k.ExpiresAt, ok = keyExpiry(p.db.Now(), f.Value("expires")); !ok {
		f = f.Wrong("expires", web.ChooseOption)
	}
	if len(f.Problems) > 0 {
		return p.render(c, http.StatusUnprocessableEntity, web.NewKeyPage(web.Keys{New: f}))
	}
	secret, err := p.auth.IssueKey(c.R.Context(), &k)
	if err != nil {
		return err
	}
	p.secrets.put(c.Who.Session().ID, k.ID, secret)
	return p.seeOther(c, "/settings/keys?created="+k.ID, "")
}

func knownScopes(list []string) bool {
	for _, s := range list {
		if oneOf(s, auth.ScopeAll, auth.ScopePublish, auth.ScopeSubscribe, auth.ScopeTopicsRead, auth.ScopeTopicsWrite) == "" {
			return false
		}
	}
	return len(list) > 0
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
	k, err := p.db.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.render(c, http.StatusOK, web.EndKeyPage(web.EndKey{Key: p.webKey(k)}))
}

func (p *Pages) SubmitEndKey(c *request.Call) error {
	if _, _, err := p.readForm(c); err != nil {
		return err
	}
	k, err := p.db.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err == nil {
		err = p.db.RevokeKey(c.User().ID, k.ID)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return p.seeOther(c, "/settings/keys", "flash.revoked", k.Name)
}
