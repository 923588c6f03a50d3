// Package request is one HTTP request on its way to a handler and back: its credentials, the decision whether it may go on,
// its body, its errors and its limits. It knows neither what the handlers do nor how a page looks.
package request

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/quota"
	"notifer/server/request/proxies"
	"notifer/server/request/refusals"
	"notifer/server/shape"
)

// Options are the settings that requests share.
type Options struct {
	Log            *slog.Logger
	BaseURL        *url.URL // nil when it is not configured
	TrustedProxies []netip.Prefix
	ReauthAfter    time.Duration // age from which a sign-in is too old for handing out secrets
	Limits
}

// Limits are the bounds that may change while the server runs.
type Limits struct {
	MessageBytes       int   // bytes of the largest message text
	BodyBytes          int   // bytes of the largest body of a publish
	AnonymousPerMinute int   // publishes without a credential, per address
	AnonymousBytes     int64 // bytes published per day and address without a credential; 0: any number
	TokenBytes         int64 // bytes published per day and token, and by an account without one; 0: any number
	Changes            int   // per day and account, token or paired device; 0: any number
	AnonymousReads     int   // pages per second and address without a credential; 0: any number
	InFlight           int   // bytes of unfinished requests, and again of unread answers
	Streams            int   // open streams in all
	StreamsPerAddress  int
	StreamsPerKey      int // per credential
}

// Site is what all requests share. Its methods may be called from any goroutine.
type Site struct {
	// immutable after NewSite
	Log      *slog.Logger
	DB       *db.DB
	Auth     *auth.Auth
	BaseURL  *url.URL // nil when it is not configured
	Base     string   // path of the base URL, without a slash at its end
	Refusals *refusals.Log
	Streams  *quota.Places
	Payloads shape.Recent // the last ones of each token
	proxies  proxies.Trusted
	reauth   time.Duration
	limits   *limits
	building chan struct{} // a place for each page that is being built
	searches *quota.Turns
	bodies   quota.Budget // of requests that are not done
	replies  quota.Budget // that are on their way

	// set before the first request
	ErrorPage        func(*Call, *Problem)       // answers with an error on the routes of pages
	ExpiredTokenUsed func(tokenID string)        // an expired token was tried
	Count            func(status int, err error) // counts an answer that was an error

	largest atomic.Int64 // bytes of a message text
	body    atomic.Int64 // bytes of the body of a publish
}

// NewSite makes the site of an open store.
func NewSite(d *db.DB, a *auth.Auth, o Options) *Site {
	s := &Site{Log: o.Log, DB: d, Auth: a, BaseURL: o.BaseURL, Refusals: refusals.New(), proxies: o.TrustedProxies, reauth: o.ReauthAfter,
		Streams: quota.NewPlaces(o.Streams, o.StreamsPerAddress, o.StreamsPerKey), limits: newLimits(o, d.Now)}
	if o.BaseURL != nil {
		s.Base = strings.TrimRight(o.BaseURL.Path, "/")
	}
	s.building, s.searches = make(chan struct{}, builders()), quota.NewTurns(builders()/2)
	s.setLargest(o.Limits)
	return s
}

// SetLimits changes the bounds for new requests and streams.
func (s *Site) SetLimits(l Limits) {
	s.setLargest(l)
	s.limits.set(l)
	s.Streams.Set(l.Streams, l.StreamsPerAddress, l.StreamsPerKey)
}

func (s *Site) setLargest(l Limits) {
	s.largest.Store(int64(l.MessageBytes))
	s.body.Store(int64(l.BodyBytes))
	s.bodies.Set(l.InFlight, max(mostJSON(l.MessageBytes), 2*l.BodyBytes)) // a packed one is there twice
	s.replies.Set(l.InFlight, PageBytes+mostJSON(l.MessageBytes))
}

// MessageBytes is the number of bytes of the largest message text.
func (s *Site) MessageBytes() int { return int(s.largest.Load()) }

// MessageJSON bounds the bytes of a message as JSON: escapes may make it six times the text.
func (s *Site) MessageJSON() int { return mostJSON(s.MessageBytes()) }

func mostJSON(text int) int { return 6*text + maxJSON }

// BodyBytes bounds the bytes of the body of a publish, and lets at least the longest text pass. A longer text in it is cut.
func (s *Site) BodyBytes() int { return max(int(s.body.Load()), s.MessageBytes()) }

// Kind is what speaks over a route. It is how the use of a token is described, and it decides
//   - how an error is answered: with a page (KindPage) or JSON, and to a publish without a credential with a challenge for Basic as well;
//   - what a cookie counts for when another site asks: a link may lead to a page, and a WebSocket is refused;
//   - where a JWT may stand in the query (KindSSE), and that the query of a publish is repaired instead of refused;
//   - whether a form is read although its sender's budget of bytes is used up, which sign-ins share a bucket, and whether a page asks for a
//     second factor;
//   - whether a refusal is listed for the owner of the topic: not those of the API and of pages.
type Kind string

// The kinds of routes.
const (
	KindAPI       Kind = "api"
	KindPublish   Kind = "publish"
	KindSSE       Kind = "sse"
	KindWebSocket Kind = "ws"
	KindPoll      Kind = "poll"
	KindPage      Kind = "page"
)

// Route is one row of the tables through which every handler is reached. Action names the right that it demands; the topic
// is the pattern's {topic}, by name or by id.
type Route struct {
	Pattern string // method and path, as http.ServeMux reads it
	Action  auth.Action
	Kind    Kind
	Fresh   bool // a sign-in by cookie must be recent
	SignsIn bool // the form begins a session, so a foreign page has none to ride
	Free    bool // it only takes access away, or marks what was read: it is no change that is counted
	Session bool // an API key alone is refused: it concerns how its owner signs in
	Several bool // the handler decides about several topics, and counts the use of a token once (auth.Auth.Count)
	Handle  func(*Call) error
	// Topic names the topic where the path does not; nil where it does. It is asked once the credentials are known to be sound.
	Topic func(*Call) (string, error)
}

// public reports whether pages of other sites may use the route, with a token of their own: those of topics.
func (r *Route) public() bool {
	_, path, _ := strings.Cut(r.Pattern, " ")
	return r.Topic != nil || strings.HasPrefix(path, "/{topic}")
}

// newCall begins a request.
func (s *Site) newCall(w http.ResponseWriter, r *http.Request, rt *Route) *Call {
	c := &Call{Site: s, R: r, Route: rt, Address: s.proxies.Client(r), Began: s.DB.Now(), reply: reply{ResponseWriter: w}}
	c.W = &c.reply
	return c
}

// Handler is the one way to a handler: credentials, then rights, then the handler.
func (s *Site) Handler(rt *Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(w, r, rt)
		defer c.release()
		err := c.readQuery()
		if err == nil {
			err = s.admit(c)
		}
		admitted := err == nil
		if admitted {
			err = rt.Handle(c)
		}
		if err != nil {
			s.noteRefusal(c, err, admitted)
			s.fail(c, err)
		}
		s.logRequest(c, err)
	})
}

// NoRoute answers a path, or a method of it, without a route with a page.
func (s *Site) NoRoute(w http.ResponseWriter, r *http.Request, status int) {
	c := s.newCall(w, r, &Route{Pattern: "none", Kind: KindPage})
	if in, err := s.presented(c); err == nil {
		c.Who, _ = s.Auth.Authenticate(r.Context(), in) // only for the header of the page
	}
	s.ErrorPage(c, &Problem{Status: status})
}

// trusted reports whether a request comes from a proxy whose word about the client is taken.
func (s *Site) trusted(r *http.Request) bool { return s.proxies.Sent(r) }

// UntrustedProxy reports whether a proxy names the client of a request and is not taken at its word: the address that is counted and
// listed is then the proxy's own.
func (s *Site) UntrustedProxy(r *http.Request) bool {
	return r.Header.Get("X-Forwarded-For") != "" && !s.trusted(r)
}
