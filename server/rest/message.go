package rest

import (
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
)

// Message answers with one message.
func (a *API) Message(c *request.Call) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	managed := a.site.Auth.Manages(c.Who, c.Topic)
	return c.WritePage(func(dst []byte) ([]byte, error) {
		m, err := a.db.Message(c.R.Context(), c.Topic.ID, id)
		if errors.Is(err, db.ErrNotFound) {
			return nil, noMessage()
		}
		if err != nil {
			return nil, err
		}
		m.Topic = c.Topic.Name
		return a.appendMessage(c, dst, m, managed)
	})
}

// messageID is the id in the path.
func messageID(c *request.Call) (db.ID, error) {
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return 0, noMessage()
	}
	return id, nil
}

func noMessage() error {
	return &request.Problem{Status: http.StatusNotFound, Detail: "no such message"}
}

// appendMessage appends a message in JSON, with its sender for those who may manage the topic.
func (a *API) appendMessage(c *request.Call, dst []byte, m db.Message, managed bool) ([]byte, error) {
	one := []db.Message{m}
	if managed {
		if err := a.db.NameSenders(c.R.Context(), one); err != nil {
			return nil, err
		}
	}
	return append(contract.Appender(managed)(dst, &one[0], api.UTF8), '\n'), nil
}

// DeleteMessage deletes one message.
func (a *API) DeleteMessage(c *request.Call) error {
	id, err := messageID(c)
	if err != nil {
		return err
	}
	if err := a.RemoveMessage(c, id); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// RemoveMessage deletes a message from the store and from the buffers that streams are served from.
func (a *API) RemoveMessage(c *request.Call, id db.ID) error {
	if err := a.manage.DeleteMessage(manage.ActorOf(c.Who), c.Topic, id); err != nil {
		return err
	}
	a.forget(c, id)
	return nil
}

// forget drops a message that was deleted or edited from the buffers that streams and pages are served from.
func (a *API) forget(c *request.Call, id db.ID) {
	a.hub.Forget(c.Topic.ID)
	a.site.Payloads.Forget(c.Topic.ID, int64(id), int64(id))
}

// EditMessage changes a message's text, title, priority and tags. It answers with the message to a caller who may read it.
func (a *API) EditMessage(c *request.Call) error {
	var in api.MessageEdit
	if err := request.ReadPatchWithin(c, a.site.MessageJSON(), &in); err != nil {
		return err
	}
	id, err := messageID(c)
	if err != nil {
		return err
	}
	if in.Message != nil { // a short message may become a long one
		if err := a.site.LimitBytes(c, len(*in.Message)); err != nil {
			return err
		}
	}
	change := manage.MessageChange{Text: in.Message, Title: in.Title, Priority: in.Priority, Tags: in.Tags,
		AllowSecret: c.R.Header.Get("X-Allow-Secret") == "1"}
	m, err := a.manage.EditMessage(c.R.Context(), c.Who, c.Topic, id, change, a.site.MessageBytes())
	if err != nil {
		return err
	}
	a.forget(c, id)
	if !a.auth.May(c.Who, auth.ReadHistory, c.Topic) {
		return request.NoContent(c.W)
	}
	return c.WritePage(func(dst []byte) ([]byte, error) { return a.appendMessage(c, dst, m, true) })
}
