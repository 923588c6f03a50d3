package rest

import (
	"net/http"

	"notifer/server/api"
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
		out.Keys[i] = manage.APIKey(&list[i], a.db.Now())
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
	out := manage.APIKey(&k, a.db.Now())
	out.Key = secret
	request.WriteJSON(c.W, http.StatusCreated, out)
	return nil
}

func keyValues(in api.KeyRequest) (manage.KeyValues, error) {
	v := manage.KeyValues{Name: in.Name, Description: in.Description, Scopes: in.Scopes}
	if in.ExpiresAt == nil {
		return v, nil
	}
	at, ok := manage.ParseMoment(*in.ExpiresAt)
	if !ok {
		return v, request.Unprocessable("expires_at must be an RFC 3339 time or a date that lies ahead")
	}
	v.Expires = at
	return v, nil
}

// RevokeKey ends a key and answers with it: the command line client parses the reply.
func (a *API) RevokeKey(c *request.Call) error {
	user, id := c.Who.User().ID, c.R.PathValue("id")
	if err := a.db.RevokeKey(user, id); err != nil {
		return err
	}
	k, err := a.db.Key(c.R.Context(), user, id)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, manage.APIKey(&k, a.db.Now()))
	return nil
}

func (a *API) DeleteKey(c *request.Call) error {
	if err := a.db.DeleteKey(c.Who.User().ID, c.R.PathValue("id")); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
