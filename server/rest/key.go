package rest

import (
	"encoding/json"
	"net/http"

	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
)

func (a *API) Keys(c *request.Call) error {
	list, err := a.db.Keys(c.R.Context(), c.Who.User().ID)
	if err != nil {
		return err
	}
	out := api.Keys{Keys: make([]api.Key, len(list))}
	for i := range list {
		out.Keys[i] = contract.Key(&list[i], a.db.Now())
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (a *API) CreateKey(c *request.Call) error {
	var in api.KeyRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	v, err := keyValues(in)
	if err != nil {
		return err
	}
	k, secret, err := a.manage.CreateKey(c.R.Context(), manage.ActorOf(c.Who), v)
	if err != nil {
		return err
	}
	out := contract.Key(&k, a.db.Now())
	out.Key = secret
	request.WriteJSON(c.W, http.StatusCreated, out)
	return nil
}

func keyValues(in api.KeyRequest) (manage.KeyValues, error) {
	v := manage.KeyValues{Name: in.Name, Description: in.Description, Scopes: in.Scopes, Topics: in.Topics}
	if in.ExpiresAt == nil {
		return v, nil
	}
	at, ok := manage.ParseMoment(*in.ExpiresAt)
	if !ok {
		return v, request.Unprocessable("expires_at must be an RFC 3339 time or a date in the future")
	}
	v.Expires = at
	return v, nil
}

// keyPatch is a change to a key. Null for topics means all topics; without that field they stay.
type keyPatch struct {
	Name        *string         `json:"name"`
	Description *string         `json:"description"`
	Topics      json.RawMessage `json:"topics"`
	Scopes      json.RawMessage `json:"scopes"`     // never change
	ExpiresAt   json.RawMessage `json:"expires_at"` // likewise
}

// UpdateKey changes the name, the description or the topics of a key. Open streams of the key follow at once.
func (a *API) UpdateKey(c *request.Call) error {
	var in keyPatch
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Scopes != nil || in.ExpiresAt != nil {
		return request.Unprocessable("the scopes and the expiry of a key never change: create another key, and revoke this one")
	}
	v := manage.KeyChange{Name: in.Name, Description: in.Description}
	if in.Topics != nil {
		var list []string
		if err := json.Unmarshal(in.Topics, &list); err != nil {
			return request.Unprocessable("topics must be a list of names and patterns, or null for all")
		}
		v.Topics = &list
	}
	k, err := a.manage.UpdateKey(manage.ActorOf(c.Who), c.R.PathValue("id"), v)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.Key(&k, a.db.Now()))
	return nil
}

// RevokeKey revokes a key and answers with it.
func (a *API) RevokeKey(c *request.Call) error {
	k, err := a.manage.RevokeKey(c.R.Context(), manage.ActorOf(c.Who), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, contract.Key(&k, a.db.Now()))
	return nil
}

func (a *API) DeleteKey(c *request.Call) error {
	if err := a.manage.DeleteKey(c.R.Context(), manage.ActorOf(c.Who), c.R.PathValue("id")); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
