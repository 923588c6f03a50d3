package rest

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/wire"
)

// DeleteMessage removes one message for good.
func (a *API) DeleteMessage(c *request.Call) error {
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such message"}
	}
	if err := a.RemoveMessage(c, id); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// RemoveMessage removes a message from the store and from the memory that open streams are served from.
func (a *API) RemoveMessage(c *request.Call, id db.ID) error {
	if err := a.db.DeleteMessage(c.Topic.ID, id, c.Who.Actor()); err != nil {
		return err
	}
	a.hub.Forget(c.Topic.ID)
	return nil
}

// EditMessage changes a message's text, title, priority and tags.
func (a *API) EditMessage(c *request.Call) error {
	var in api.MessageEdit
	if err := request.ReadPatchWithin(c, a.site.MessageJSON(), &in); err != nil {
		return err
	}
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such message"}
	}
	var leaked string
	m, err := a.db.UpdateMessage(c.Topic.ID, id, c.Who.Actor(), func(m *db.Message) ([]string, error) {
		changed, err := a.applyEdit(m, in)
		if err == nil {
			leaked, err = a.findSecret(c, m)
		}
		return changed, err
	})
	if leaked != "" {
		if noted := a.manage.NoteSecret(c.R.Context(), manage.ActorOf(c.Who), c.Topic, leaked); noted != nil {
			return noted
		}
	}
	if err != nil {
		return err
	}
	a.hub.Forget(c.Topic.ID)
	return c.WritePage(func(dst []byte) ([]byte, error) { return append(wire.AppendMessage(dst, &m, false), '\n'), nil })
}

func (a *API) findSecret(c *request.Call, m *db.Message) (string, error) {
	if c.R.Header.Get("X-Allow-Secret") == "1" {
		return "", nil
	}
	return a.manage.FindSecret(m)
}

// applyEdit changes what the request names, and lists it.
func (a *API) applyEdit(m *db.Message, in api.MessageEdit) (changed []string, err error) {
	if in.Message != nil {
		changed = append(changed, "message")
		m.Body = *in.Message
		err = manage.CheckText(m.Body, a.site.MessageBytes())
	}
	if in.Title != nil && err == nil {
		changed = append(changed, "title")
		m.Title, err = manage.CheckTitle(*in.Title)
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil && err == nil {
		changed = append(changed, "priority")
		m.Priority, err = manage.CheckPriority(*in.Priority)
	}
	if in.Tags != nil && err == nil {
		changed = append(changed, "tags")
		m.Tags, err = manage.JoinTags(in.Tags)
	}
	return changed, err
}
