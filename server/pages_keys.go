package server

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

func (s *Server) showKeys(c *request.Call) error {
	if c.Asked("new") {
		return s.render(c, http.StatusOK, web.NewKeyPage(web.Keys{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := s.d.Keys(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := web.Keys{}
	created := c.Query.Get("created")
	for _, k := range list {
		if key := s.webKey(k); key.Status == "active" {
			v.Keys = append(v.Keys, key)
		} else {
			v.Ended = append(v.Ended, key)
		}
		if k.ID != created {
			continue
		}
		if v.Reveal = s.reveal(c, k.ID, k.Name); v.Reveal == nil {
			v.Gone = k.Name
		}
	}
	return s.render(c, http.StatusOK, web.KeysPage(v))
}

func (s *Server) webKey(k db.Key) web.Key {
	status := "active"
	if !k.RevokedAt.IsZero() {
		status = "revoked"
	} else if !k.Live(s.d.Now()) {
		status = "expired"
	}
	return web.Key{ID: k.ID, Name: k.Name, Description: k.Description, Hint: k.Hint, Scopes: strings.Split(k.Scopes, ","), CreatedAt: k.CreatedAt,
		LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, Status: status, Requests: int(k.RequestCount)}
}

func (s *Server) submitKey(c *request.Call) error {
	f, all, err := s.readForm(c)
	if err != nil {
		return err
	}
	k := db.Key{UserID: c.User().ID, Scopes: strings.Join(all["scopes"], ",")}
	for _, scope := range all["scopes"] {
		f.Values["scope-"+scope] = "1"
	}
	var ok bool
	if k.Name, ok = plainName(f.Value("name")); !ok {
		f = f.Wrong("name", "A name has 1 to 60 visible characters.")
	}
	if !knownScopes(all["scopes"]) {
		f = f.Wrong("scopes", web.ChoosePermission)
	}
	if k.ExpiresAt, ok = expiry(s.d.Now(), f.Value("expires")); !ok {
		f = f.Wrong("expires", web.ChooseOption)
	}
	if len(f.Problems) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, web.NewKeyPage(web.Keys{New: f}))
	}
	secret, err := s.auth.IssueKey(c.R.Context(), &k)
	if err != nil {
		return err
	}
	s.reveals.put(c.Who.Session().ID, k.ID, secret)
	return s.seeOther(c, "/settings/keys?created="+k.ID, "")
}

func knownScopes(list []string) bool {
	for _, s := range list {
		if among(s, auth.ScopeAll, auth.ScopePublish, auth.ScopeSubscribe, auth.ScopeTopicsRead, auth.ScopeTopicsWrite) == "" {
			return false
		}
	}
	return len(list) > 0
}

// expiry reads a number of days from now; empty is never.
func expiry(now time.Time, text string) (time.Time, bool) {
	d, ok := days(text)
	if d == 0 {
		return time.Time{}, ok
	}
	return now.Add(d), ok
}

func (s *Server) showEndKey(c *request.Call) error {
	k, err := s.d.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.EndKeyPage(web.EndKey{Key: s.webKey(k)}))
}

func (s *Server) submitEndKey(c *request.Call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	k, err := s.d.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err == nil {
		err = s.d.RevokeKey(c.User().ID, k.ID)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	return s.seeOther(c, "/settings/keys", "flash.revoked", k.Name)
}
