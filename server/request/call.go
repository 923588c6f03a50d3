package request

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// Call is one request on its way through a route. It is used by the goroutine of the request alone.
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
	rewound   bool // what is read next has been received already
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

// WriteHeader implements http.ResponseWriter. A status of 1xx is not the answer yet.
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

// IP is the text of Address, empty when it is not known.
func (c *Call) IP() string { return db.AddressText(c.Address) }

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

// Marker returns the account whose messages are marked as read: the reader's, unless it is another person's paired device. Empty for
// none.
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
		return db.By{Address: c.IP()}
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
	if err != nil && c.Route.Kind == KindPublish {
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
