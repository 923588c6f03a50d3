package rest

import (
	"errors"
	"net/http"
	"time"

	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
	"slices"
)

func (a *API) Tokens(c *request.Call) error {
	list, err := a.manage.Tokens(c.R.Context(), c.Topic)
	if err != nil {
		return err
	}
	out, now := make([]api.Token, len(list)), a.db.Now()
	for i := range list {
		out[i] = contract.Token(&list[i], c.Topic, now)
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (a *API) Token(c *request.Call) error {
	t, err := a.manage.Token(c.R.Context(), c.Topic, c.R.PathValue("id"))
	if err != nil {
		return noToken(c, err)
	}
	request.WriteJSON(c.W, http.StatusOK, contract.Token(&t, c.Topic, a.db.Now()))
	return nil
}

func (a *API) CreateToken(c *request.Call) error {
	var in api.TokenRequest
	keys, err := request.ReadJSONKeys(c, &in)
	if err != nil {
		return err
	}
	v, err := tokenValues(in)
	if err != nil {
		return err
	}
	if in.ExpiresAt == nil && slices.Contains(keys, "expires_at") {
		v.Expires = &time.Time{} // null is never, as in a change; without the field, the server's default counts
	}
	t, secret, err := a.manage.CreateToken(c.R.Context(), manage.ActorOf(c.Who), c.Topic, v)
	if err != nil {
		return err
	}
	out := contract.Token(&t, c.Topic, a.db.Now())
	out.Token = secret
	request.WriteJSON(c.W, http.StatusCreated, out)
	return nil
}

func (a *API) UpdateToken(c *request.Call) error {
	var in tokenPatch
	if err := request.ReadPatch(c, &in); err != nil {
		return err
	}
	v, err := in.values()
	if err != nil {
		return err
	}
	t, err := a.manage.UpdateToken(manage.ActorOf(c.Who), c.Topic, c.R.PathValue("id"), v)
	if err != nil {
		return noToken(c, err)
	}
	request.WriteJSON(c.W, http.StatusOK, contract.Token(&t, c.Topic, a.db.Now()))
	return nil
}

// RevokeToken revokes a token. When it answers, the next request with the token is refused, and its streams are closing.
func (a *API) RevokeToken(c *request.Call) error {
	if _, err := a.manage.RevokeToken(manage.ActorOf(c.Who), c.Topic, c.R.PathValue("id")); err != nil {
		return noToken(c, err)
	}
	return request.NoContent(c.W)
}

// RotateToken gives a token a new secret; the old one works for grace_seconds more.
func (a *API) RotateToken(c *request.Call) error {
	var in api.RotateRequest
	if c.R.ContentLength != 0 {
		if err := request.ReadJSON(c, &in); err != nil {
			return err
		}
	}
	grace, err := readGrace(in)
	if err != nil {
		return err
	}
	t, secret, err := a.manage.RotateToken(c.R.Context(), manage.ActorOf(c.Who), c.Topic, c.R.PathValue("id"), grace)
	if err != nil {
		return noToken(c, err)
	}
	out := contract.Token(&t, c.Topic, a.db.Now())
	out.Token = secret
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// readGrace is how long the old secret works: a day, unless the request says otherwise.
func readGrace(in api.RotateRequest) (time.Duration, error) {
	if in.GraceSeconds == nil {
		return manage.DefaultGrace, nil
	}
	return manage.Grace(*in.GraceSeconds)
}

func (a *API) TokenUsage(c *request.Call) error {
	days, err := readDays(c.Query.Get("days"))
	if err != nil {
		return err
	}
	t, err := a.manage.Token(c.R.Context(), c.Topic, c.R.PathValue("id"))
	if err != nil {
		return noToken(c, err)
	}
	used, err := a.db.TokenDays(c.R.Context(), t.ID, a.db.Now().UTC().AddDate(0, 0, 1-days))
	if err != nil {
		return err
	}
	addresses, err := a.db.TokenAddresses(c.R.Context(), t.ID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.TokenUsage(used, addresses))
	return nil
}

// EndOwnToken revokes the token that it is called with: anyone who finds a token can revoke it.
func (a *API) EndOwnToken(c *request.Call) error {
	if err := a.manage.RevokeFound(c.Who); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// ReportToken marks the token that it is called with as leaked: anyone who finds a token can report it.
func (a *API) ReportToken(c *request.Call) error {
	t := c.Who.Token()
	if err := a.manage.ReportFound(c.Who); err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, api.TokenReport{Live: true, Hint: t.Hint})
	return nil
}

// noToken says where to find the ids of tokens. Only a caller who manages the topic gets this far.
func noToken(c *request.Call, err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such token: GET /api/topics/" + c.Topic.Name + "/access-tokens lists those of the topic"}
	}
	return err
}
