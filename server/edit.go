package server

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
	"notifer/server/wire"
)

// handleDeleteMessage removes one message for good.
func (s *Server) handleDeleteMessage(c *request.Call) error {
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such message"}
	}
	if err := s.deleteMessage(c, id); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// deleteMessage removes a message from the store and from the memory that open streams are served from.
func (s *Server) deleteMessage(c *request.Call, id db.ID) error {
	if err := s.d.DeleteMessage(c.Topic.ID, id, c.Who.Actor()); err != nil {
		return err
	}
	s.hub.Forget(c.Topic.ID)
	return nil
}

// handleEditMessage changes a message's text, title, priority and tags.
func (s *Server) handleEditMessage(c *request.Call) error {
	var in api.MessageEdit
	if err := request.ReadPatchWithin(c, wire.MostJSON(s.site), &in); err != nil {
		return err
	}
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such message"}
	}
	var leaked string
	m, err := s.d.UpdateMessage(c.Topic.ID, id, c.Who.Actor(), func(m *db.Message) ([]string, error) {
		changed, err := s.applyEdit(m, in)
		if err == nil {
			leaked, err = s.findSecret(c, m)
		}
		return changed, err
	})
	if leaked != "" {
		s.noteLeak(c, leaked)
	}
	if err != nil {
		return err
	}
	s.hub.Forget(c.Topic.ID)
	wire.WriteMessage(c.W, &m)
	return nil
}

// applyEdit changes what the request names, and lists it.
func (s *Server) applyEdit(m *db.Message, in api.MessageEdit) (changed []string, err error) {
	if in.Message != nil {
		changed = append(changed, "message")
		if m.Body = *in.Message; m.Body == "" || len(m.Body) > s.site.MessageBytes() {
			return nil, request.Unprocessable("the message must have 1 to %d bytes", s.site.MessageBytes())
		}
	}
	if in.Title != nil {
		changed = append(changed, "title")
		if m.Title, err = wire.CheckTitle(*in.Title); err != nil {
			return nil, err
		}
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil {
		changed = append(changed, "priority")
		if m.Priority, err = wire.CheckPriority(*in.Priority); err != nil {
			return nil, err
		}
	}
	if in.Tags != nil {
		changed = append(changed, "tags")
		m.Tags, err = wire.JoinTags(in.Tags)
	}
	return changed, err
}
