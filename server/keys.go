package server

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

const maxKeyDescription = 500

// WireKey is an API key in the form of the contract, without its secret, as it stands at a moment.
func WireKey(k *db.Key, now time.Time) api.Key {
	return api.Key{ID: k.ID, UserID: k.UserID, Name: k.Name, KeyPrefix: auth.Prefix(k.Hint), Hint: k.Hint,
		Description: k.Description, Scopes: strings.Split(k.Scopes, ","), RequestCount: k.RequestCount,
		IsActive: k.RevokedAt.IsZero(), IsValid: k.Live(now), CreatedAt: api.At(k.CreatedAt),
		LastUsed: api.AtPtr(k.LastUsedAt), ExpiresAt: api.AtPtr(k.ExpiresAt)}
}

func (s *Server) handleKeys(c *call) error {
	list, err := s.d.Keys(c.r.Context(), c.who.User().ID)
	if err != nil {
		return err
	}
	out := api.Keys{Keys: make([]api.Key, len(list))}
	for i := range list {
		out.Keys[i] = WireKey(&list[i], s.d.Now())
	}
	writeJSON(c.w, http.StatusOK, out)
	return nil
}

func (s *Server) handleCreateKey(c *call) error {
	var in api.KeyRequest
	if err := readJSON(c, &in); err != nil {
		return err
	}
	k, secret, err := s.createKey(c, in)
	if err != nil {
		return err
	}
	out := WireKey(&k, s.d.Now())
	out.Key = secret
	writeJSON(c.w, http.StatusCreated, out)
	return nil
}

// createKey makes an API key for the caller. A key never mints scopes that it lacks itself.
func (s *Server) createKey(c *call, in api.KeyRequest) (db.Key, string, error) {
	k := db.Key{UserID: c.who.User().ID, Description: strings.TrimSpace(in.Description)}
	var err error
	if k.Name, err = CheckName(in.Name); err != nil {
		return k, "", err
	}
	if utf8.RuneCountInString(k.Description) > maxKeyDescription {
		return k, "", unprocessable("description must have at most %d characters", maxKeyDescription)
	}
	if in.Scopes == nil {
		in.Scopes = []string{auth.ScopeAll}
	}
	if len(in.Scopes) == 0 {
		return k, "", unprocessable("scopes must hold some of %s: leave it out for all", strings.Join(auth.Scopes, ", "))
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(auth.Scopes, scope) {
			return k, "", unprocessable("scopes may hold %s", strings.Join(auth.Scopes, ", "))
		}
		if mine := c.who.Key(); mine != nil && c.who.Session() == nil && !mine.Has(scope) {
			return k, "", &problem{status: http.StatusForbidden, detail: "an API key cannot give the scope " + scope + ", which it lacks"}
		}
	}
	slices.Sort(in.Scopes)
	k.Scopes = strings.Join(slices.Compact(in.Scopes), ",")
	if in.ExpiresAt != nil {
		at, ok := parseMoment(*in.ExpiresAt)
		if !ok || !at.After(s.d.Now()) {
			return k, "", unprocessable("expires_at must be an RFC 3339 time or a date that lies ahead")
		}
		k.ExpiresAt = at
	}
	secret, err := s.auth.IssueKey(c.r.Context(), &k)
	return k, secret, err
}

// handleRevokeKey ends a key and answers with it: the command line client parses the reply.
func (s *Server) handleRevokeKey(c *call) error {
	user, id := c.who.User().ID, c.r.PathValue("id")
	if err := s.d.RevokeKey(user, id); err != nil {
		return err
	}
	k, err := s.d.Key(c.r.Context(), user, id)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, WireKey(&k, s.d.Now()))
	return nil
}

func (s *Server) handleDeleteKey(c *call) error {
	if err := s.d.DeleteKey(c.who.User().ID, c.r.PathValue("id")); err != nil {
		return err
	}
	return noContent(c.w)
}
