package request

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

// noTopic begins no topic's name.
const noTopic = "~"

// wasteLookup queries for a topic that cannot exist, where an answer from memory would tell that a name is known.
func (s *Site) wasteLookup(c *Call) {
	_, _ = s.DB.Topic(c.R.Context(), noTopic+c.R.PathValue("topic"))
}

// admit authenticates and authorizes. The topic of the path is looked up only after the credentials are known to be
// sound, so that a bad one costs no query.
func (s *Site) admit(c *Call) error {
	if err := s.authorize(c); err != nil {
		return misplaced(c, err)
	}
	if c.Route.Session && c.Who.Session() == nil {
		return &Problem{Status: http.StatusForbidden, Detail: "an API key cannot do this, since it concerns how its owner signs in: sign in"}
	}
	if err := s.limitChanges(c); err != nil {
		return err
	}
	return s.requireFresh(c)
}

// safe reports whether a method changes nothing.
func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func (s *Site) authorize(c *Call) error {
	name := c.R.PathValue("topic")
	if name != "" && !api.IsTopicName(name) {
		return noSuchName()
	}
	in, err := s.presented(c)
	if err != nil {
		return err
	}
	// A page of another site can send no header of ours without being asked first. It could still sign a visitor in, or use up
	// the attempts that their address has (cross-site request forgery).
	bare := in.TopicToken == "" && in.APIKey == "" && in.Bearer == "" && in.Gotify == ""
	if bare && !safe(c.R.Method) && !c.Route.public() {
		if err := s.requireOwnPage(c, fromOtherSite); err != nil {
			return err
		}
	}
	c.Rights = s.Auth.Generation()
	who, err := s.Auth.Authenticate(c.R.Context(), in)
	if err != nil {
		return err // one invalid credential invalidates all: the request has no principal
	}
	c.Who = who
	if in.Cookie != "" && who.Anonymous() && c.Route.Kind == KindPage && c.R.Method == http.MethodGet {
		s.clearCookie(c.W, c.R) // its session has ended
	}
	if c.Route.Topic != nil {
		if err = s.LimitAnonymous(c); err != nil { // who need not be allowed to publish anywhere
			return err
		}
		if name, err = c.Route.Topic(c); err != nil {
			return err
		}
		if !api.IsTopicName(name) {
			return noSuchName()
		}
		c.R.SetPathValue("topic", name)
	}
	if c.Route.Several {
		return s.Auth.AuthorizeTopic(c.Who, c.Route.Action, nil)
	}
	if name == "" || c.Route.Action == auth.Open || c.Route.Action == auth.Optional {
		return s.Auth.Authorize(c.Who, c.Route.Action, nil)
	}
	known := s.Auth.CachedTopic(name) != nil
	if c.Topic, err = s.findTopic(c, name); err != nil {
		return err
	}
	err = s.Auth.Authorize(c.Who, c.Route.Action, c.Topic)
	if err != nil && known && c.Topic != nil && c.Topic.AccessLevel == db.Private {
		// A name that does not exist has cost a query that finds nothing; one that the caller may not see must cost the same.
		s.wasteLookup(c)
	}
	return err
}

// noSuchName is the answer for a name that no topic can have.
func noSuchName() error {
	return &Problem{Status: http.StatusNotFound, Detail: "no such topic", Hint: "The name of a topic has 3 to 64 lower-case letters, digits, - and _."}
}

// findTopic reads the topic of the path; nil when there is none.
func (s *Site) findTopic(c *Call, name string) (*db.Topic, error) {
	if api.IsTopicID(name) {
		if !strings.HasPrefix(c.R.URL.Path, "/api/") {
			return nil, nil
		}
		t, err := s.DB.TopicByPublicID(c.R.Context(), name)
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		}
		return &t, err
	}
	return s.Auth.Topic(c.R.Context(), name)
}

// StillAllowed decides again when rights have changed since it was decided last: a body may take long to arrive, and an answer long to
// be sent.
func (c *Call) StillAllowed() error {
	now := c.Site.Auth.Generation()
	if c.Route.Action == auth.Open || c.Route.Action == auth.Optional || now == c.Rights || c.Route.Topic != nil && c.Topic == nil {
		return nil // in the last case nothing has been decided yet: the topic is still looked for
	}
	if err := c.AllowedNow(); err != nil {
		return err
	}
	c.Rights = now
	return nil
}

// AllowedNow decides again whether the request may be made.
func (c *Call) AllowedNow() error {
	topic := c.Topic
	if topic == nil {
		topic = &db.Topic{}
	}
	_, err := c.Site.Auth.Reauthorize(c.R.Context(), c.Who, c.Route.Action, topic.ID, topic.Name)
	return err
}
