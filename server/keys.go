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
	"notifer/server/request"
)

const maxKeyDescription = 500

// WireKey is an API key in the form of the contract, without its secret, as it stands at a moment.
func WireKey(k *db.Key, now time.Time) api.Key {
	return api.Key{ID: k.ID, UserID: k.UserID, Name: k.Name, KeyPrefix: auth.Prefix(k.Hint), Hint: k.Hint,
		Description: k.Description, Scopes: strings.Split(k.Scopes, ","), RequestCount: k.RequestCount,
		IsActive: k.RevokedAt.IsZero(), IsValid: k.Live(now), CreatedAt: api.At(k.CreatedAt),
		LastUsed: api.AtPtr(k.LastUsedAt), ExpiresAt: api.AtPtr(k.ExpiresAt)}
}

func (s *Server) handleKeys(c *request.Call) error {
	list, err := s.d.Keys(c.R.Context(), c.Who.User().ID)
	if err != nil {
		return err
	}
	out := api.Keys{Keys: make([]api.Key, len(list))}
	for i := range list {
		out.Keys[i] = WireKey(&list[i], s.d.Now())
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (s *Server) handleCreateKey(c *request.Call) error {
	var in api.KeyRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	k, secret, err := s.createKey(c, in)
	if err != nil {
		return err
	}
	out := WireKey(&k, s.d.Now())
	out.Key = secret
	request.WriteJSON(c.W, http.StatusCreated, out)
	return nil
}

// createKey makes an API key for the caller. A key never mints scopes that it lacks itself.
func (s *Server) createKey(c *request.Call, in api.KeyRequest) (db.Key, string, error) {
	k := db.Key{UserID: c.Who.User().ID, Description: strings.TrimSpace(in.Description)}
	var err error
	if k.Name, err = CheckName(in.Name); err != nil {
		return k, "", err
	}
	if utf8.RuneCountInString(k.Description) > maxKeyDescription {
		return k, "", request.Unprocessable("description must have at most %d characters", maxKeyDescription)
	}
	if in.Scopes == nil {
		in.Scopes = []string{auth.ScopeAll}
	}
	if len(in.Scopes) == 0 {
		return k, "", request.Unprocessable("scopes must hold some of %s: leave it out for all", strings.Join(auth.Scopes, ", "))
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(auth.Scopes, scope) {
			return k, "", request.Unprocessable("scopes may hold %s", strings.Join(auth.Scopes, ", "))
		}
		if mine := c.Who.Key(); mine != nil && c.Who.Session() == nil && !mine.Has(scope) {
			return k, "", &request.Problem{Status: http.StatusForbidden, Detail: "an API key cannot give the scope " + scope + ", which it lacks"}
		}
	}
	slices.Sort(in.Scopes)
	k.Scopes = strings.Join(slices.Compact(in.Scopes), ",")
	if in.ExpiresAt != nil {
		at, ok := parseMoment(*in.ExpiresAt)
		if !ok || !at.After(s.d.Now()) {
			return k, "", request.Unprocessable("expires_at must be an RFC 3339 time or a date that lies ahead")
		}
		k.ExpiresAt = at
	}
	secret, err := s.auth.IssueKey(c.R.Context(), &k)
	return k, secret, err
}

// handleRevokeKey ends a key and answers with it: the command line client parses the reply.
func (s *Server) handleRevokeKey(c *request.Call) error {
	user, id := c.Who.User().ID, c.R.PathValue("id")
	if err := s.d.RevokeKey(user, id); err != nil {
		return err
	}
	k, err := s.d.Key(c.R.Context(), user, id)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, WireKey(&k, s.d.Now()))
	return nil
}

func (s *Server) handleDeleteKey(c *request.Call) error {
	if err := s.d.DeleteKey(c.Who.User().ID, c.R.PathValue("id")); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
