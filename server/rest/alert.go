package rest

import (
	"bytes"
	"encoding/json"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
	"notifer/server/request/query"
)

// Alerts lists the open alerts of a topic, or all of them with status=all. An alert is the messages with the same key.
func (a *API) Alerts(c *request.Call) error {
	limit, offset, err := query.Page(c.Query)
	if err != nil {
		return err
	}
	open := true
	switch c.Query.Get("status") {
	case "", "open":
	case "all":
		open = false
	default:
		return request.BadRequest("status must be open or all")
	}
	return c.WritePage(func(dst []byte) ([]byte, error) {
		list, total, err := a.db.Alerts(c.R.Context(), c.Topic.ID, open, offset, limit)
		if err != nil {
			return nil, err
		}
		out := api.Alerts{Alerts: make([]api.Alert, len(list)), Total: total}
		for i := range list {
			out.Alerts[i] = apiAlert(&list[i], c.Topic)
		}
		page := bytes.NewBuffer(dst)
		e := json.NewEncoder(page)
		e.SetEscapeHTML(false)
		err = e.Encode(out)
		return page.Bytes(), err
	})
}

func apiAlert(a *db.Alert, topic *db.Topic) api.Alert {
	out := api.Alert{Key: a.Key, Status: "open", Topic: topic.Name, TopicID: topic.PublicID, Message: a.Message.Body, Priority: a.Message.Priority,
		Tags: a.Message.TagList(), URL: a.Message.Extras().URL, Count: a.Count, FirstID: a.First.String(), LastID: a.Last.String(),
		FirstReceivedAt: api.At(a.OpenedAt), LastReceivedAt: api.At(a.ChangedAt), ResolvedAt: api.AtPtr(a.ResolvedAt), Damaged: a.Message.Damaged}
	if a.Message.HasTitle {
		out.Title = &a.Message.Title
	}
	if !a.ResolvedAt.IsZero() {
		out.Status = "resolved"
	}
	return out
}
