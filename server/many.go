package server

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

const (
	maxStreamTopics  = 100
	streamSessionTTL = 24 * time.Hour
)

// handleManySSE streams several topics in the one order of the log. One topic that is denied denies the whole.
func (s *Server) handleManySSE(c *request.Call) error {
	names, err := s.streamTopics(c)
	if err != nil {
		return err
	}
	topics, err := s.allowAll(c, names)
	if err != nil {
		return err
	}
	return s.serveSSE(c, topics)
}

func (s *Server) streamTopics(c *request.Call) ([]string, error) {
	q := c.Query
	if id := q.Get("session"); id != "" {
		names, err := s.d.StreamSession(c.R.Context(), id)
		if errors.Is(err, db.ErrNotFound) {
			return nil, &request.Problem{Status: 404, Detail: "no such stream session: it may have expired; make a new one"}
		}
		return names, err
	}
	return splitTopics(strings.Split(strings.Join(q["topics"], ","), ","))
}

func splitTopics(list []string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, n := range list {
		if n = strings.TrimSpace(n); n != "" && !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	if len(names) == 0 || len(names) > maxStreamTopics {
		return nil, request.Unprocessable("name 1 to %d topics", maxStreamTopics)
	}
	return names, nil
}

// allowAll authorizes every topic as its own stream would be.
func (s *Server) allowAll(c *request.Call, names []string) ([]*db.Topic, error) {
	topics := make([]*db.Topic, 0, len(names))
	for _, n := range names {
		var t *db.Topic
		var err error
		if api.IsTopicName(n) {
			if t, err = s.auth.Topic(c.R.Context(), n); err != nil {
				return nil, err
			}
		}
		if err := s.auth.Authorize(c.Who, auth.Stream, t); err != nil {
			return nil, err
		}
		topics = append(topics, t)
	}
	return topics, nil
}

// handleCreateStreamSession makes a short address for a long list of topics. Whoever uses it still needs the rights.
func (s *Server) handleCreateStreamSession(c *request.Call) error {
	var in api.StreamSessionRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	names, err := splitTopics(in.Topics)
	if err != nil {
		return err
	}
	if _, err := s.allowAll(c, names); err != nil {
		return err
	}
	if err := s.site.LimitAnonymous(c); err != nil {
		return err
	}
	until := s.d.Now().Add(streamSessionTTL)
	id, err := s.d.CreateStreamSession(names, until)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, 201, api.StreamSession{SessionID: id, URL: s.site.Link(c.R, "/sse?session="+url.QueryEscape(id)), ExpiresAt: api.At(until)})
	return nil
}
