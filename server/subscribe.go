package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/hub"
	"notifer/server/request"
)

// opening is a stream that is allowed and not yet connected.
type opening struct {
	sub    hub.Sub
	topics []*db.Topic
	from   db.ID
	echo   string // X-Last-Event-ID, empty when the client named none
}

// open registers a stream under its credential, re-checks it, and only then lets it send. The caller calls sub.Start
// with a connection, or sub.Left when there is none.
func (s *Server) open(c *request.Call, topics []*db.Topic, form hub.Form) (*opening, error) {
	o := &opening{topics: topics}
	var err error
	if o.from, o.echo, err = s.resumePoint(c, topics); err != nil {
		return nil, err
	}
	if s.stopping.Load() {
		return nil, db.ErrClosed
	}
	address, credential := request.Network(c.Address).String(), c.Who.Credential()
	if err := s.site.Streams.Enter(address, credential); err != nil {
		return nil, err
	}
	ids := make([]int64, len(topics))
	for i, t := range topics {
		ids[i] = t.ID
	}
	who, action, ctx := c.Who, c.Route.Action, s.background
	if action == auth.Open {
		action = auth.Stream
	}
	o.sub.Depends = c.Who.Depends()
	for _, t := range topics {
		o.sub.Depends = append(o.sub.Depends, topicKey(t.ID))
	}
	o.sub.Recheck = func() (until time.Time, err error) {
		for _, t := range topics {
			if until, err = s.auth.Recheck(ctx, who, action, t.ID, t.Name); err != nil {
				return until, undecided(err)
			}
		}
		return until, nil
	}
	if !s.hub.Register(&o.sub, form, ids, func() { s.site.Streams.Leave(address, credential) }) {
		s.site.Streams.Leave(address, credential)
		return nil, db.ErrClosed
	}
	if err := o.sub.Check(); err != nil {
		return nil, err
	}
	return o, nil
}

// undecided parts a refusal from a store that could not be read, after which the client may come back.
func undecided(err error) error {
	if _, ok := errors.AsType[*auth.Refusal](err); ok || errors.Is(err, db.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%w: %w", hub.ErrUndecided, err)
}

// handleSSE streams one topic as server-sent events, WHATWG HTML section 9.2.
func (s *Server) handleSSE(c *request.Call) error {
	return s.serveSSE(c, []*db.Topic{c.Topic})
}

func (s *Server) serveSSE(c *request.Call, topics []*db.Topic) error {
	if c.R.Method == http.MethodHead {
		s.streamHeaders(c.W.Header())
		return nil
	}
	form := formPlain
	if c.R.ProtoMajor == 1 && c.R.ProtoMinor == 1 {
		form = formChunked
	}
	o, err := s.open(c, topics, form)
	if err != nil {
		return err
	}
	if c.R.ProtoMajor != 1 {
		return s.serveUnhijacked(c, o)
	}
	return s.serveHijacked(c, o, form)
}

func (s *Server) streamHeaders(h http.Header) {
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
}

// serveHijacked takes the connection from net/http, so that an idle stream costs one small goroutine and no buffers.
func (s *Server) serveHijacked(c *request.Call, o *opening, form hub.Form) error {
	h := c.W.Header()
	s.streamHeaders(h)
	if o.echo != "" {
		h.Set("X-Last-Event-ID", o.echo)
	}
	head := appendHead(form, h, s.d.Now())
	conn, _, err := http.NewResponseController(c.W).Hijack()
	if err != nil {
		o.sub.PeerGone()
		return err
	}
	sc := newStreamConn(conn, form, s.c.WriteTimeout)
	sc.named = namedHeartbeat(c)
	first := "id: " + o.from.String() + "\n\n"
	if form == formChunked {
		head = append(head, chunk(first)...)
	} else {
		head = append(head, first...)
	}
	if err := sc.writeRest(head); err != nil {
		o.sub.PeerGone()
		conn.Close()
		return nil
	}
	if !o.sub.Start(subscriber{sc}, int64(o.from)) { // closed since it was allowed
		sc.End(o.sub.Reason())
		watch(sc, o)
		return nil
	}
	s.streams.Go(func() { watch(sc, o) })
	return nil
}

// watch waits for the peer to go away; whatever it sends is ignored.
func watch(c *streamConn, o *opening) {
	for {
		if _, err := c.Conn.Read(c.byte[:]); err != nil {
			o.sub.PeerGone()
			c.Conn.Close()
			return
		}
	}
}

// appendHead writes the response head that net/http would, RFC 9112 section 4. An answer to HTTP/1.0 ends with the
// connection.
func appendHead(form hub.Form, h http.Header, now time.Time) []byte {
	b := []byte("HTTP/1.1 200 OK\r\n")
	if form == formChunked {
		h.Set("Transfer-Encoding", "chunked")
	} else {
		h.Set("Connection", "close")
	}
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	var sb strings.Builder
	_ = h.Write(&sb) // a strings.Builder takes everything
	return append(append(b, sb.String()...), "\r\n"...)
}
