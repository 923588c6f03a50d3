package server

import (
	"net/http"

	"notifer/db"
	"notifer/server/api"
)

// handleDeleteMessage removes one message for good.
func (s *Server) handleDeleteMessage(c *call) error {
	id, err := db.ParseID(c.r.PathValue("id"))
	if err != nil {
		return &problem{status: http.StatusNotFound, detail: "no such message"}
	}
	if err := s.deleteMessage(c, id); err != nil {
		return err
	}
	return noContent(c.w)
}

// deleteMessage removes a message from the store and from the memory that open streams are served from.
func (s *Server) deleteMessage(c *call, id db.ID) error {
	if err := s.d.DeleteMessage(c.topic.ID, id, c.who.Actor()); err != nil {
		return err
	}
	s.hub.Forget(c.topic.ID)
	return nil
}

// handleEditMessage changes a message's text, title, priority and tags.
func (s *Server) handleEditMessage(c *call) error {
	var in api.MessageEdit
	if err := readPatchWithin(c, s.messageJSON(), &in); err != nil {
		return err
	}
	id, err := db.ParseID(c.r.PathValue("id"))
	if err != nil {
		return &problem{status: http.StatusNotFound, detail: "no such message"}
	}
	var leaked string
	m, err := s.d.UpdateMessage(c.topic.ID, id, c.who.Actor(), func(m *db.Message) ([]string, error) {
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
	s.hub.Forget(c.topic.ID)
	writeMessage(c.w, &m)
	return nil
}

// applyEdit changes what the request names, and lists it.
func (s *Server) applyEdit(m *db.Message, in api.MessageEdit) (changed []string, err error) {
	if in.Message != nil {
		changed = append(changed, "message")
		if m.Body = *in.Message; m.Body == "" || len(m.Body) > s.messageBytes() {
			return nil, unprocessable("the message must have 1 to %d bytes", s.messageBytes())
		}
	}
	if in.Title != nil {
		changed = append(changed, "title")
		if m.Title, err = checkTitle(*in.Title); err != nil {
			return nil, err
		}
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil {
		changed = append(changed, "priority")
		if m.Priority, err = checkPriority(*in.Priority); err != nil {
			return nil, err
		}
	}
	if in.Tags != nil {
		changed = append(changed, "tags")
		m.Tags, err = joinTags(in.Tags)
	}
	return changed, err
}
