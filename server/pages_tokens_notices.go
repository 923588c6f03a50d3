package server

import (
	"errors"
	"strconv"

	"notifer/db"
	"notifer/web"
)

// tokenNotices are what the owner should know first, the most severe first, at most two.
func (s *Server) tokenNotices(c *call, v *web.Tokens) []web.Problem {
	var list []web.Problem
	add := func(key string, args ...any) { list = append(list, web.Problem{Key: key, Args: args}) }
	if v.Idle {
		add("notice.all")
	}
	if c.topic.AccessLevel != db.Private {
		add("token.public", c.topic.Name)
	}
	s.stateNotices(v, add)
	if s.untrustedProxy(c) {
		add("notice.proxy")
	}
	if !s.secure(c.r) && !c.address.IsLoopback() {
		add("insecure")
	}
	if s.c.BaseURL == nil && v.Reveal != nil {
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
		if t.Status != "expired" {
			continue
		}
		if n := s.refused.tried(t.ID, s.d.Now()); n > 0 {
			add("notice.tried", t.Name, strconv.Itoa(n))
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
func (s *Server) untrustedProxy(c *call) bool {
	return c.r.Header.Get("X-Forwarded-For") != "" && !s.trusted(c.r)
}

// refusals are the newest refused requests of the call's topic. The topic that a token belongs to is shown only to who
// may manage it.
func (s *Server) refusals(c *call) ([]web.Refusal, error) {
	var out []web.Refusal
	for _, r := range s.refused.newest(c.topic.ID, s.d.Now()) {
		v := web.Refusal{At: r.At, Address: r.Address.String(), Via: r.Via, Text: r.Text, Hint: r.Secret, Status: r.Status}
		if r.TokenID != "" {
			t, topic, err := s.tokenAndTopic(c, r.TokenID)
			if err != nil {
				return nil, err
			}
			switch {
			case topic == nil || topic.OwnerID != c.user().ID && !c.user().IsAdmin:
			case topic.ID == c.topic.ID:
				v.Name = t.Name
			default:
				v.Name = t.Name + ", " + topic.Name
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// tokenAndTopic finds a token by its id alone; a topic of nil when it is gone.
func (s *Server) tokenAndTopic(c *call, id string) (db.Token, *db.Topic, error) {
	t, err := s.d.TokenByID(c.r.Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return t, nil, nil
	}
	if err != nil {
		return t, nil, err
	}
	topic, err := s.auth.Topic(c.r.Context(), t.Topic)
	return t, topic, err
}
