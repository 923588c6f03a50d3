package rest

import (
	"net/http"
	"strconv"

	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
)

const maxEvents = 100 // per page

// Events lists what happened to accounts, for admins.
func (a *API) Events(c *request.Call) error {
	q := manage.EventQuery{User: c.Query.Get("user"), Kind: c.Query.Get("kind"), Limit: maxEvents}
	for name, to := range map[string]func(int64){"before": func(n int64) { q.Before = n }, "limit": func(n int64) { q.Limit = int(min(n, maxEvents)) }} {
		text := c.Query.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return request.Unprocessable("%s must be a number from 1", name)
		}
		to(n)
	}
	list, more, err := a.manage.Events(c.R.Context(), q)
	if err != nil {
		return err
	}
	out := api.Events{Events: make([]api.Event, len(list))}
	for i := range list {
		out.Events[i] = contract.Event(&list[i])
	}
	if more {
		out.Next = &list[len(list)-1].ID
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}
