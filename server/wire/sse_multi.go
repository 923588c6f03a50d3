package wire

import (
	"errors"
	"net/http"
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

// MultiSSE streams several topics in the one order of the log. One topic that is denied denies the whole.
func (w *Wire) MultiSSE(c *request.Call) error {
	names, err := w.streamTopics(c)
	topics, err := w.allowAll(c, names, err)
	if err != nil {
		return err
	}
	return w.serveSSE(c, topics)
}

func (w *Wire) streamTopics(c *request.Call) ([]string, error) {
	q := c.Query
	if id := q.Get("session"); id != "" {
		names, err := w.site.DB.StreamSession(c.R.Context(), id)
		if errors.Is(err, db.ErrNotFound) {
			return nil, &request.Problem{Status: http.StatusNotFound, Detail: "no such stream session: it may have expired; create a new one"}
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

// allowAll authorizes every topic as its own stream would be, unless the names could not be read, and counts the request once.
func (w *Wire) allowAll(c *request.Call, names []string, unread error) (topics []*db.Topic, err error) {
	if err = unread; err == nil {
		topics, err = w.allow(c, names)
	}
	w.site.Auth.Count(c.Who, err)
	return topics, err
}

func (w *Wire) allow(c *request.Call, names []string) ([]*db.Topic, error) {
	topics := make([]*db.Topic, 0, len(names))
	for _, n := range names {
		var t *db.Topic
		var err error
		if api.IsTopicName(n) {
			if t, err = w.site.Auth.Topic(c.R.Context(), n); err != nil {
				return nil, err
			}
		}
		if err := w.site.Auth.AuthorizeTopic(c.Who, auth.Stream, t); err != nil {
			return nil, err
		}
		topics = append(topics, t)
	}
	return topics, nil
}

// CreateStreamSession makes a short URL for a long list of topics. Its readers still need the rights to all of them.
func (w *Wire) CreateStreamSession(c *request.Call) error {
	var in api.StreamSessionRequest
	var names []string
	err := request.ReadJSON(c, &in)
	if err == nil {
		names, err = splitTopics(in.Topics)
	}
	if _, err := w.allowAll(c, names, err); err != nil {
		return err
	}
	if err := w.site.LimitAnonymous(c); err != nil {
		return err
	}
	until := w.site.DB.Now().Add(streamSessionTTL)
	id, err := w.site.DB.CreateStreamSession(names, until)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusCreated, api.StreamSession{SessionID: id, URL: w.site.Link(c.R, "/sse?session="+url.QueryEscape(id)), ExpiresAt: api.At(until)})
	return nil
}
