package security

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/web"
)

const eventsPerPage = 50

// ShowEvents lists what happened to accounts.
func (p *Pages) ShowEvents(c *request.Call) error {
	q := manage.EventQuery{User: c.Query.Get("user"), Kind: c.Query.Get("kind"), Limit: eventsPerPage}
	q.Before, _ = strconv.ParseInt(c.Query.Get("before"), 10, 64)
	v := web.Events{User: q.User, Kind: q.Kind}
	users, err := p.DB.Users(c.R.Context())
	if err != nil {
		return err
	}
	for _, u := range users {
		v.Users = append(v.Users, u.Username)
	}
	list, more, err := p.Manage.Events(c.R.Context(), q)
	status := http.StatusOK
	if errors.Is(err, auth.ErrInvalid) {
		status, v.Unknown, err = http.StatusUnprocessableEntity, true, nil
	}
	if err != nil {
		return err
	}
	for _, a := range list {
		v.Lines = append(v.Lines, line(a))
	}
	if more {
		next := url.Values{"before": {strconv.FormatInt(list[len(list)-1].ID, 10)}}
		for name, value := range map[string]string{"user": q.User, "kind": q.Kind} {
			if value != "" {
				next.Set(name, value)
			}
		}
		v.Older = "/admin/activity?" + next.Encode()
	}
	return p.Render(c, status, web.EventsPage(v))
}

func line(a db.Audit) web.Event {
	return web.Event{At: a.At, Actor: a.By.Name, ActorID: a.By.ID, Via: a.By.Via, Verb: a.Verb, Target: a.Target, Own: a.By.ID != "" && a.By.ID == a.TargetID, Address: a.By.Address, Detail: a.Detail, Topic: a.Topic,
		Failed: a.Verb == "account.sign_in_failed"}
}
