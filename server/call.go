package server

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// call is one request on its way through a route.
type call struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	route   *route
	who     *auth.Principal
	topic   *db.Topic // nil for routes without one
	address netip.Addr
	began   time.Time
	gen     any // generation of the rights that were decided on
	query   url.Values
}

// handler is the one way to a handler: credentials, then rights, then the handler.
func (s *Server) handler(rt *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{s: s, w: w, r: r, route: rt, address: s.clientAddress(r), began: s.d.Now()}
		err := c.readQuery()
		if err == nil {
			err = s.admit(c)
		}
		if err == nil {
			err = rt.Handle(s, c)
		} else {
			s.noteRefusal(c, err)
		}
		if err != nil {
			s.fail(c, err)
		}
		if s.log.Enabled(r.Context(), logDebug) {
			s.log.Debug("request", "method", r.Method, "route", rt.Pattern, "took", time.Since(c.began), "ip", c.address.String())
		}
	})
}

// readQuery parses the query. One that is not well-formed is refused: what net/url would leave out of it could be a token,
// or the place that a reader resumes from.
func (c *call) readQuery() (err error) {
	if c.r.URL.RawQuery == "" {
		return nil
	}
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return badRequest("the query of the URL is not well-formed: write %% as %%25 and ; as %%3B in its values")
	}
	return nil
}

// noTopic begins no topic's name.
const noTopic = "~"

// wasteLookup queries for a topic that cannot exist, where an answer from memory would tell that a name is known.
func (s *Server) wasteLookup(c *call) {
	_, _ = s.d.Topic(c.r.Context(), noTopic+c.r.PathValue("topic"))
}

// admit authenticates and authorizes. The topic of the path is looked up only after the credentials are known to be
// sound, so that a bad one costs no query.
func (s *Server) admit(c *call) error {
	name := c.r.PathValue("topic")
	if name != "" && !isTopicName(name) {
		return &problem{status: http.StatusNotFound, detail: "no such topic"}
	}
	in, err := s.presented(c)
	if err != nil {
		return err
	}
	c.gen = s.auth.Generation()
	who, err := s.auth.Authenticate(c.r.Context(), in)
	if err != nil {
		return err // one bad credential spoils the others: the call is from nobody
	}
	c.who = who
	if in.Cookie != "" && who.Anonymous() && c.route.Via == viaPage && c.r.Method == http.MethodGet {
		s.clearCookie(c.w, c.r) // its session has ended
	}
	if name == "" || c.route.Action == auth.Open {
		return s.auth.Authorize(c.who, c.route.Action, nil)
	}
	known := s.auth.CachedTopic(name) != nil
	if c.topic, err = s.findTopic(c, name); err != nil {
		return err
	}
	err = s.auth.Authorize(c.who, c.route.Action, c.topic)
	if err != nil && known && c.topic != nil && c.topic.AccessLevel == db.Private {
		// A name that does not exist has cost a query that finds nothing; one that the caller may not see must cost the same.
		s.wasteLookup(c)
	}
	return err
}

// findTopic reads the topic of the path; nil when there is none.
func (s *Server) findTopic(c *call, name string) (*db.Topic, error) {
	if topicID.MatchString(name) {
		if !strings.HasPrefix(c.r.URL.Path, "/api/") {
			return nil, nil
		}
		t, err := s.d.TopicByPublicID(c.r.Context(), name)
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		}
		return &t, err
	}
	return s.auth.Topic(c.r.Context(), name)
}

// stillAllowed decides again when rights have changed since the request was admitted: a body may take long to arrive.
func (c *call) stillAllowed() error {
	if c.route.Action == auth.Open || c.s.auth.Generation() == c.gen {
		return nil
	}
	topic := c.topic
	if topic == nil {
		topic = &db.Topic{}
	}
	_, err := c.s.auth.Recheck(c.r.Context(), c.who, c.route.Action, topic.ID, topic.Name)
	return err
}

// presented collects the credentials of a request. Two values for one place are refused: readers could disagree.
func (s *Server) presented(c *call) (auth.Presented, error) {
	h := c.r.Header
	in := auth.Presented{Address: c.address, Via: c.route.Via}
	if in.Via == "" {
		in.Via = "api"
	}
	in.QueryJWT = c.route.Action == auth.Stream || c.route.Via == "sse"
	var bearer string
	var err error
	if in.TopicToken, err = secretHeader(h, "X-Topic-Token"); err != nil {
		return in, err
	}
	if in.APIKey, err = secretHeader(h, "X-Api-Key"); err != nil {
		return in, err
	}
	if bearer, err = secretHeader(h, "Authorization"); err != nil {
		return in, err
	}
	if scheme, rest, ok := strings.Cut(bearer, " "); ok && strings.EqualFold(scheme, "Bearer") {
		in.Bearer = strings.TrimLeft(rest, " ")
	} else {
		in.Other = bearer
	}
	if in.Query, err = queryToken(c.query); err != nil {
		return in, err
	}
	if in.Nothing() {
		in.Cookie, err = s.cookie(c)
	}
	return in, err
}

// secretHeader is the value of a header that carries a credential; name is in canonical form.
func secretHeader(h http.Header, name string) (string, error) {
	v := h[name]
	switch {
	case len(v) == 0:
		return "", nil
	case len(v) > 1:
		return "", badRequest("the header %s was sent twice: send it once", name)
	case v[0] == "" || strings.EqualFold(v[0], "Bearer"): // what is left of "Bearer $JWT" where JWT is not set
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential,
			Detail: "the header " + name + " is empty: put the secret into it, or leave it out",
			Hint:   "The header came without a value. Is the variable set in the script?"}
	}
	return v[0], nil
}

// queryToken reads ?token=. Only the URL is read, never a form body: curl -d posts a form type and means text.
func queryToken(q url.Values) (string, error) {
	list, there := q["token"]
	if !there {
		return "", nil
	}
	if len(list) > 1 {
		return "", badRequest("token stands twice in the URL: send it once")
	}
	if list[0] == "" {
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential,
			Detail: "token is empty in the URL: put the secret behind token=, or leave it out"}
	}
	return list[0], nil
}
