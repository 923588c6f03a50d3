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
	if err := s.d.DeleteMessage(c.topic.ID, id); err != nil {
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
	m, err := s.d.Message(c.r.Context(), c.topic.ID, id)
	if err != nil {
		return err
	}
	if err := s.applyEdit(&m, in); err != nil {
		return err
	}
	if err := s.refuseSecrets(c, &m); err != nil {
		return err
	}
	if err := s.d.EditMessage(m); err != nil {
		return err
	}
	s.hub.Forget(c.topic.ID)
	m.Topic = c.topic.Name
	writeMessage(c.w, &m)
	return nil
}

func (s *Server) applyEdit(m *db.Message, in api.MessageEdit) (err error) {
	if in.Message != nil {
		if m.Body = *in.Message; m.Body == "" || len(m.Body) > s.messageBytes() {
			return unprocessable("the message must have 1 to %d bytes", s.messageBytes())
		}
	}
	if in.Title != nil {
		if m.Title, err = checkTitle(*in.Title); err != nil {
			return err
		}
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil {
		if m.Priority, err = checkPriority(*in.Priority); err != nil {
			return err
		}
	}
	if in.Tags != nil {
		m.Tags, err = joinTags(in.Tags)
	}
	return err
}
