package request

import (
	"errors"
	"net/http"
	"strings"

	"notifer/server/auth"
	"notifer/server/request/refusals"
)

// refusedTopic finds the topic that a bad credential was for, refusals.Nowhere when there is none: in the store now and then, else
// only in memory, since a flood of wrong tokens for made-up names must not become a flood of queries. It takes as long for
// a name that exists as for one that does not.
func (s *Site) refusedTopic(c *Call, name string) int64 {
	topic := c.Topic
	if c.Who == nil {
		topic = s.Auth.CachedTopic(name)
		if s.limits.inAll.lookups.AllowN(c.Began, 1) {
			if topic != nil {
				s.wasteLookup(c)
			} else {
				topic, _ = s.Auth.Topic(c.R.Context(), name)
			}
		}
	}
	if topic == nil {
		return refusals.Nowhere
	}
	return topic.ID
}

// noteRefusal remembers why a request for an existing topic was refused. Accounts that may not even know of the topic are
// not worth a line, and must not learn of it by the time it takes. An admitted request was refused by its handler, and so was counted as
// a use that was accepted.
func (s *Site) noteRefusal(c *Call, err error, admitted bool) {
	r, ok := errors.AsType[*auth.Refusal](err)
	if !ok {
		return
	}
	if admitted && !c.Route.Several && c.Who.Token() != nil {
		s.DB.RefuseUse(c.Who.Token().ID)
	}
	s.logFailed(c, r)
	s.logDenied(c, r)
	if r.Reason == auth.Expired && r.TokenID != "" && c.Route.Kind != KindAPI && c.Route.Kind != KindPage {
		s.ExpiredTokenUsed(r.TokenID)
	}
	name := c.R.PathValue("topic")
	byToken := name == "" && c.Route.Topic != nil && r.TokenID != "" // the path names no topic, but the token has one
	if name == "" && !byToken || c.Route.Kind == KindAPI || c.Route.Kind == KindPage || errors.Is(r.Kind, auth.ErrNotFound) {
		return
	}
	status := http.StatusForbidden
	if errors.Is(r.Kind, auth.ErrUnauthenticated) {
		status = http.StatusUnauthorized
	}
	text := r.Hint
	if text == "" {
		text = r.Detail
	}
	topic := int64(refusals.Nowhere)
	if !byToken {
		topic = s.refusedTopic(c, name)
	} else if s.limits.inAll.lookups.AllowN(c.Began, 1) {
		t, _ := s.DB.TokenByID(c.R.Context(), r.TokenID)
		topic = t.TopicID
	}
	s.Refusals.Add(topic, refusals.Refusal{At: c.Began, Address: c.Address, Via: string(c.Route.Kind), Status: status,
		Reason: r.Reason, Text: text, SecretHint: r.SecretHint, TokenID: r.TokenID})
}

// ChallengeAnswered is called for a publish that has succeeded. One with a user and a password may follow one without, which was refused with
// a challenge (WWW-Authenticate: Basic): the refusal is then marked as answered, since nothing is wrong. See asksForPassword.
func (s *Site) ChallengeAnswered(c *Call) {
	if a := c.R.Header["Authorization"]; len(a) == 1 && len(a[0]) > 6 && strings.EqualFold(a[0][:6], "Basic ") {
		s.Refusals.Answered(c.Topic.ID, c.Address, string(c.Route.Kind), c.Began)
	}
}
