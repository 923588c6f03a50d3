package server

import (
	"errors"
	"strconv"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// tokenNotices are what the owner should know first, the most severe first, at most two.
func (s *Server) tokenNotices(c *request.Call, v *web.Tokens) []web.Problem {
	var list []web.Problem
	add := func(key string, args ...any) { list = append(list, web.Problem{Key: key, Args: args}) }
	if v.Idle {
		add("notice.all")
	}
	if c.Topic.AccessLevel != db.Private {
		add("token.public", c.Topic.Name)
	}
	s.stateNotices(v, add)
	if s.untrustedProxy(c) {
		add("notice.proxy")
	}
	if !s.site.Secure(c.R) && !c.Address.IsLoopback() {
		add("insecure")
	}
	if s.site.BaseURL == nil && v.Reveal != nil {
		add("base.missing")
	}
	return list[:min(len(list), maxNotices)]
}

func (s *Server) stateNotices(v *web.Tokens, add func(key string, args ...any)) {
	leaked, idle := 0, 0
	for _, t := range v.Tokens {
		switch t.Status {
		case "leaked":
			leaked++
		case "idle":
			idle++
		}
	}
	switch {
	case leaked == 1:
		add("notice.leaked.one", "1")
	case leaked > 1:
		add("notice.leaked.many", strconv.Itoa(leaked))
	}
	for _, t := range v.Ended {
		if n := s.site.Refusals.Tried(t.ID, s.d.Now()); n > 0 {
			add("notice.tried."+t.Status, t.Name, strconv.Itoa(n))
		}
	}
	for _, t := range v.Tokens {
		if t.Status == "expiring" {
			add("notice.expiring", t.Name, web.Distance(t.ExpiresAt.Sub(s.d.Now())))
		}
	}
	if idle >= idleToShow && !v.Idle {
		add("notice.idle", strconv.Itoa(idle))
	}
}

// untrustedProxy reports whether a proxy names the client, and is not believed.
func (s *Server) untrustedProxy(c *request.Call) bool {
	return c.R.Header.Get("X-Forwarded-For") != "" && !s.site.Trusted(c.R)
}

// refusals are the newest refused requests of the call's topic. A token's name and topic are shown only to who may manage
// them.
func (s *Server) refusals(c *request.Call) ([]web.Refusal, error) {
	var out []web.Refusal
	for _, r := range s.site.Refusals.Newest(c.Topic.ID, s.d.Now()) {
		text, err := s.refusalText(c, &r)
		if err != nil {
			return nil, err
		}
		out = append(out, web.Refusal{At: r.At, Address: r.Address.String(), Via: r.Via, Text: text, Hint: r.Secret, Status: r.Status})
	}
	return out, nil
}

// refusalText is why a request was refused, after the name of its token.
func (s *Server) refusalText(c *request.Call, r *request.Refusal) (string, error) {
	if r.TokenID == "" {
		return r.Text, nil
	}
	t, topic, err := s.tokenAndTopic(c, r.TokenID)
	switch {
	case err != nil || topic == nil || topic.OwnerID != c.User().ID && !c.User().IsAdmin:
		return r.Text, err
	case topic.ID != c.Topic.ID:
		t.Name += ", " + topic.Name
	}
	return t.Name + ": " + r.Text, nil
}

// tokenAndTopic finds a token by its id alone; a topic of nil when it is gone.
func (s *Server) tokenAndTopic(c *request.Call, id string) (db.Token, *db.Topic, error) {
	t, err := s.d.TokenByID(c.R.Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return t, nil, nil
	}
	if err != nil {
		return t, nil, err
	}
	topic, err := s.auth.Topic(c.R.Context(), t.Topic)
	return t, topic, err
}
