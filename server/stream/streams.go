// Package stream is the open streams of a server: their connections, over HTTP/1.1, HTTP/2 and WebSocket, with deadlines for
// every write and a goodbye at the end.
//
// A dialect says how its events are written and from where a stream goes on; the package knows no message and no path.
// The states of a stream are those of hub.Sub; Open registers it, Serve and ServeWebSocket start it with a connection.
package stream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/hub"
	"notifer/server/request"
)

// Options are what streams share.
type Options struct {
	WriteTimeout time.Duration // a peer that does not read is dropped after
	Heartbeat    time.Duration // between the pings of a WebSocket
	Panicked     func(p any)
}

// Streams opens streams. All methods may be called from any goroutine.
type Streams struct {
	// immutable after New
	site     *request.Site
	hub      *hub.Hub
	timeout  time.Duration
	silence  time.Duration // see silenceOf
	panicked func(any)
	ctx      context.Context // ends with the server

	mu      sync.Mutex
	closed  bool           // guarded by mu
	readers sync.WaitGroup // guarded by mu until closed
}

// New makes the streams of a hub. The context ends with the server.
func New(ctx context.Context, s *request.Site, h *hub.Hub, o Options) *Streams {
	return &Streams{site: s, hub: h, timeout: o.WriteTimeout, silence: silenceOf(o.Heartbeat), panicked: o.Panicked, ctx: ctx}
}

// Close ends all streams with a reason, within the context.
func (s *Streams) Close(ctx context.Context, r hub.Reason) {
	s.hub.Close(ctx, r)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.readers.Wait()
}

// read runs the reader of a connection, which Close waits for. A stream that opens while the server closes has been ended with that reason:
// its reader ends within a second, and the handler's own goroutine may as well run it.
func (s *Streams) read(fn func()) {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.readers.Go(fn)
	}
	s.mu.Unlock()
	if closed {
		fn()
	}
}

// Opening is a stream that is registered, allowed and not yet connected. It is served, once, by the method of its kind.
type Opening struct {
	From  db.ID  // events after this one are sent
	First string // what is sent before them, empty over a WebSocket

	sub    hub.Sub
	format *format
}

// Open registers a stream under its credential and then decides its rights once more, so that what was revoked since the request was
// authorized is found. It sends nothing yet: the caller sets From and First and calls Serve, which starts it.
func (s *Streams) Open(c *request.Call, topics []*db.Topic, t *EventStream) (*Opening, error) {
	f := t.plain
	if c.R.ProtoMajor == 1 && c.R.ProtoMinor == 1 {
		f = t.chunked
	}
	return s.open(c, topics, f)
}

// OpenWebSocket is Open for a WebSocket; the caller calls ServeWebSocket.
func (s *Streams) OpenWebSocket(c *request.Call, topics []*db.Topic, m *WebSocket) (*Opening, error) {
	return s.open(c, topics, m.text)
}

func (s *Streams) open(c *request.Call, topics []*db.Topic, f *format) (*Opening, error) {
	leave, err := c.EnterStream()
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(topics))
	for i, t := range topics {
		ids[i] = t.ID
	}
	who, action := c.Who, c.Route.Action
	if action == auth.Optional {
		action = auth.Stream
	}
	o := &Opening{format: f}
	managed := s.managed(who, topics)
	form := o.choose(managed)
	o.sub.Depends = who.Depends()
	for _, t := range topics {
		o.sub.Depends = append(o.sub.Depends, TopicKey(t.ID))
	}
	o.sub.Allowed = func() (until time.Time, err error) {
		for i, t := range topics {
			if until, err = s.site.Auth.Reauthorize(s.ctx, who, action, t.ID, t.Name); err != nil {
				return until, undecided(err)
			}
			if !managed[i] {
				continue
			}
			if _, err = s.site.Auth.Reauthorize(s.ctx, who, auth.ManageTopic, t.ID, t.Name); err != nil {
				return until, fmt.Errorf("%w: %w", hub.ErrReopen, err)
			}
		}
		return until, nil
	}
	if !s.hub.Register(&o.sub, form, ids, leave) {
		leave()
		return nil, db.ErrClosed
	}
	if err := o.sub.Check(); err != nil {
		return nil, err
	}
	return o, nil
}

// managed reports for each topic whether the caller may manage it.
func (s *Streams) managed(who *auth.Principal, topics []*db.Topic) []bool {
	list := make([]bool, len(topics))
	for i, t := range topics {
		list[i] = s.site.Auth.Manages(who, t)
	}
	return list
}

// choose returns the encoding of a stream. When its topics have both, each has its own.
func (o *Opening) choose(managed []bool) *hub.Encoding {
	form := func(managed bool) *hub.Encoding {
		if managed {
			return o.format.managed
		}
		return o.format.encoding
	}
	if slices.Contains(managed, !managed[0]) {
		o.sub.Encodings = make([]*hub.Encoding, len(managed))
		for i, m := range managed {
			o.sub.Encodings[i] = form(m)
		}
	}
	return form(managed[0])
}

// TopicKey names a topic among what a stream depends on, beside ids of accounts and tokens.
func TopicKey(id int64) string { return "topic " + strconv.FormatInt(id, 10) }

// undecided marks an error that is not a refusal: the store could not be read, and the client may come back.
func undecided(err error) error {
	if _, ok := errors.AsType[*auth.Refusal](err); ok || errors.Is(err, db.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%w: %w", hub.ErrUndecided, err)
}

// SetHeaders sets the headers of a stream of the dialect.
func (t *EventStream) SetHeaders(h http.Header) { SetHeaders(h, t.contentType) }

// EventStreamType is the content type of server-sent events. It names the charset for readers that take Latin-1 otherwise.
const EventStreamType = "text/event-stream; charset=utf-8"

// SetHeaders sets the headers of a response that goes on.
func SetHeaders(h http.Header, contentType string) {
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
}

// Serve connects a stream that Open has opened. It returns an error only while nothing has been answered.
func (s *Streams) Serve(c *request.Call, t *EventStream, o *Opening) error {
	t.SetHeaders(c.W.Header())
	if c.R.ProtoMajor != 1 {
		return s.serveUnhijacked(c, o)
	}
	return s.serveHijacked(c, t, o)
}

// serveHijacked takes the connection from net/http, so that an idle stream costs one small goroutine and no buffers.
func (s *Streams) serveHijacked(c *request.Call, t *EventStream, o *Opening) error {
	head := appendHead(o.format == t.chunked, c.W.Header(), s.site.DB.Now())
	hijacked, _, err := http.NewResponseController(c.W).Hijack()
	if err != nil {
		o.sub.PeerGone()
		return err
	}
	sc := newConn(hijacked, o.format, s.timeout)
	if o.format == t.chunked {
		head = append(head, chunk(o.First)...)
	} else {
		head = append(head, o.First...)
	}
	if err := sc.writeRest(head); err != nil {
		o.sub.PeerGone()
		hijacked.Close()
		return nil
	}
	if !o.sub.Start(subscriber{sc}, int64(o.From)) { // closed since it was allowed
		sc.End(o.sub.Reason())
		watch(sc, o)
		return nil
	}
	s.read(func() { watch(sc, o) })
	return nil
}

// mostHeard is how many bytes a peer may send on an event stream, on which it has nothing to say: a body of its request, at most. They are
// read one by one, since a buffer for each of thousands of streams costs more, so that a peer that sends without end would hold a core.
const mostHeard = 4 << 10

// watch waits for the peer to go away; what it sends is ignored, and too much of it ends the stream.
func watch(c *conn, o *Opening) {
	for heard := 0; ; heard++ {
		if _, err := c.Conn.Read(c.byte[:]); err != nil || heard == mostHeard {
			o.sub.PeerGone()
			c.Conn.Close()
			return
		}
	}
}

// appendHead writes the response head that net/http would, RFC 9112 section 4. An answer to HTTP/1.0 ends with the
// connection. A chunked one ends with its last chunk and must not say "Connection: close", though the connection is closed
// then: undici (the fetch of Node.js) takes a stream that was cut for one that has ended, and readers do not reconnect.
func appendHead(chunked bool, h http.Header, now time.Time) []byte {
	b := []byte("HTTP/1.1 200 OK\r\n")
	if chunked {
		h.Set("Transfer-Encoding", "chunked")
	} else {
		h.Set("Connection", "close")
	}
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	var sb strings.Builder
	_ = h.Write(&sb) // a strings.Builder takes everything
	return append(append(b, sb.String()...), "\r\n"...)
}
