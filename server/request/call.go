package request

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

// Call is one request on its way through a route.
type Call struct {
	Site    *Site
	W       http.ResponseWriter
	R       *http.Request
	Route   *Route
	Who     *auth.Principal
	Topic   *db.Topic // nil for routes without one
	Address netip.Addr
	Began   time.Time
	Query   url.Values
	// BadQuery is what is wrong with the query of a publish, of which the rest was read.
	BadQuery error

	Rights uint64 // generation of the rights that were decided on

	Secret bool // the answer may hold a secret: it is not compressed

	proved bool // the account's owner has just confirmed the call

	reply reply // what W is

	pays      string // who the bytes below are counted for
	paysOpen  bool
	building  bool // it has a place among the pages that are being built
	searching bool // it is the caller's turn to search
	held      int  // bytes of the body that are counted
	received  int  // bytes of the body that have been read
	charged   int  // of them, on the budget of the caller
	unread    int  // bytes of the answer that are counted
	form      url.Values
}

// reply is the response writer of a call. It knows whether the answer has begun.
type reply struct {
	http.ResponseWriter
	began  bool
	status int
	lost   bool // the client did not take all of it
}

// WriteHeader implements http.ResponseWriter; an answer of 1xx is none yet.
func (r *reply) WriteHeader(status int) {
	if !r.began && status >= http.StatusOK {
		r.began, r.status = true, status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *reply) Write(b []byte) (int, error) {
	r.began = true
	n, err := r.ResponseWriter.Write(b)
	r.lost = r.lost || err != nil
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *reply) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// User is the account that is signed in, nil when none is. An API key does not sign in to pages.
func (c *Call) User() *db.User {
	if c.Who == nil || c.Who.Session() == nil {
		return nil
	}
	return c.Who.User()
}

// Reader is the account whose pages are read: the one that is signed in, or that of a paired device. nil for visitors.
func (c *Call) Reader() *db.User {
	if c.Who != nil && c.Who.Paired() {
		return c.Who.User()
	}
	return c.User()
}

// Marker is the account whose messages are marked as read: the reader's, unless it is somebody else's paired device. Empty for none.
func (c *Call) Marker() string {
	u := c.Reader()
	if u == nil || c.User() == nil && !c.Who.Key().OwnReader {
		return ""
	}
	return u.ID
}

// By is who acts, for the activity log.
func (c *Call) By() db.By {
	if c.Who == nil {
		return db.By{Address: c.Address.Unmap().String()}
	}
	if c.Who.User() == nil {
		return db.By{Address: c.Who.Address()}
	}
	return c.Who.By()
}

// Asked reports whether the query has a name, with or without a value.
func (c *Call) Asked(name string) bool {
	_, there := c.Query[name]
	return there
}

// readQuery parses the query. One that is not well-formed is refused to readers: what net/url would leave out of it could be the place
// that they resume from.
func (c *Call) readQuery() (err error) {
	if c.R.URL.RawQuery == "" {
		return nil
	}
	if c.Query, err = url.ParseQuery(c.R.URL.RawQuery); err != nil {
		err = BadRequest("the query of the URL is not well-formed: write %% as %%25 and ; as %%3B in its values")
	}
	if err != nil && c.Route.Via == ViaPublish {
		c.BadQuery, err = err, nil // a message is not lost for it
		c.Query, _ = url.ParseQuery(repairQuery(c.R.URL.RawQuery))
	}
	return err
}

// repairQuery makes a query well-formed that has bare semicolons and percent signs in its values, or was copied from HTML. Nothing
// is left out of it: a token that touches such a sign is not valid, and two tokens stay two.
func repairQuery(raw string) string {
	raw = strings.ReplaceAll(raw, "&amp;", "&")
	isHex := func(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }
	var b strings.Builder
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == ';':
			b.WriteString("%3B")
		case c == '%' && (i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2])):
			b.WriteString("%25")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

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
		return &Problem{Status: http.StatusNotFound, Detail: "no such topic", Hint: "The name of a topic has 3 to 64 lower-case letters, digits, - and _."}
	}
	in, err := s.presented(c)
	if err != nil {
		return err
	}
	// A page of another site can send no header of ours without being asked first. It could still sign a visitor in, or use up
	// the attempts that their address has (cross-site request forgery).
	bare := in.TopicToken == "" && in.APIKey == "" && in.Bearer == ""
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
	if in.Cookie != "" && who.Anonymous() && c.Route.Via == ViaPage && c.R.Method == http.MethodGet {
		s.ClearCookie(c.W, c.R) // its session has ended
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
	if c.Route.Action == auth.Open || c.Route.Action == auth.Optional || now == c.Rights {
		return nil
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
	_, err := c.Site.Auth.Recheck(c.R.Context(), c.Who, c.Route.Action, topic.ID, topic.Name)
	return err
}

// presented collects the credentials of a request. Two values for one place are refused: readers could disagree. An open route
// looks at the cookie only, so that no credential prevents a sign-in.
func (s *Site) presented(c *Call) (auth.Presented, error) {
	h := c.R.Header
	in := auth.Presented{Address: c.Address, Via: c.Route.Via}
	if in.Via == "" {
		in.Via = "api"
	}
	var err error
	if c.Route.Action == auth.Open {
		in.Cookie, err = s.cookie(c)
		return in, err
	}
	in.QueryJWT = c.Route.Action == auth.Stream || c.Route.Via == "sse"
	if in.TopicToken, err = secretHeader(h, "X-Topic-Token"); err != nil {
		return in, err
	}
	if in.APIKey, err = secretHeader(h, "X-Api-Key"); err != nil {
		return in, err
	}
	if v := h["Authorization"]; len(v) > 1 {
		return in, BadRequest("the header Authorization was sent twice: send it once")
	} else if len(v) == 1 {
		s.Auth.SetAuthorization(&in, v[0])
	}
	if in.Query, err = queryToken(c.Query); err != nil {
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
		return "", BadRequest("the header %s was sent twice: send it once", name)
	case v[0] == "":
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
		return "", BadRequest("token appears twice in the URL: send it once")
	}
	if list[0] == "" {
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential,
			Detail: "token is empty in the URL: put the secret after token=, or leave it out"}
	}
	return list[0], nil
}
