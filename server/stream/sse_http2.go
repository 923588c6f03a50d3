package stream

import (
	"net/http"
	"sync"
	"time"

	"notifer/server/hub"
	"notifer/server/request"
)

// h2Conn is a subscriber over HTTP/2, where there is no connection to take: the handler's goroutine waits while the
// stream's writes go through its response.
type h2Conn struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	format  *format
	timeout time.Duration
	done    chan struct{}
	finish  sync.Once

	mu     sync.Mutex
	closed bool

	// Lock order: mu, then hurry. Both are held to set closed. Hurry takes hurry alone, so it waits for no write.
	hurry sync.Mutex
	by    time.Time // guarded by hurry: when a write under way must be done; zero until Hurry is called
}

// Try implements hub.Conn: nothing can be written without blocking.
func (c *h2Conn) Try([]byte) (int, error) { return 0, nil }

// Write implements hub.Conn.
func (c *h2Conn) Write(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return http.ErrAbortHandler
	}
	for len(p) > 0 {
		n := min(len(p), writePiece)
		if err := c.writeOne(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	// A deadline that passes resets an HTTP/2 stream even while nothing is being written.
	return c.rc.SetWriteDeadline(time.Time{})
}

// writeOne writes under one deadline.
func (c *h2Conn) writeOne(p []byte) error {
	if err := c.extend(); err != nil {
		return err
	}
	if _, err := c.w.Write(p); err != nil {
		return err
	}
	return c.rc.Flush()
}

// extend sets the deadline of a write: the full time, or what Hurry has left of it.
func (c *h2Conn) extend() error {
	c.hurry.Lock()
	defer c.hurry.Unlock()
	until := c.by
	if until.IsZero() {
		until = time.Now().Add(c.timeout)
	}
	return c.rc.SetWriteDeadline(until)
}

// Beat implements hub.Conn.
func (c *h2Conn) Beat() []byte { return c.format.beat }

// End implements hub.Conn.
func (c *h2Conn) End(r hub.Reason) {
	c.Hurry()
	_ = c.Write(c.format.goodbyes[r]) // it is over either way
	c.Abort()
}

// Hurry implements hub.Conn. A response has no deadline any more once its handler has returned.
func (c *h2Conn) Hurry() {
	c.hurry.Lock()
	defer c.hurry.Unlock()
	if c.by = time.Now().Add(endGrace); !c.closed {
		_ = c.rc.SetWriteDeadline(c.by)
	}
}

// Abort implements hub.Conn: it lets the handler return.
func (c *h2Conn) Abort() { c.finish.Do(func() { close(c.done) }) }

// Alive implements hub.Conn.
func (c *h2Conn) Alive() bool { return true }

// seal waits for a write under way and refuses later ones: the response ends with the handler.
func (c *h2Conn) seal() {
	c.mu.Lock()
	c.hurry.Lock()
	c.closed = true
	c.hurry.Unlock()
	c.mu.Unlock()
}

// serveUnhijacked sends through the response of a handler that waits.
func (s *Streams) serveUnhijacked(c *request.Call, o *Opening) error {
	hc := &h2Conn{w: c.W, rc: http.NewResponseController(c.W), format: o.format, timeout: s.timeout, done: make(chan struct{})}
	c.W.WriteHeader(http.StatusOK)
	if err := hc.Write([]byte(o.First)); err != nil {
		o.sub.PeerGone()
		return nil
	}
	if !o.sub.Start(hc, int64(o.From)) { // closed since it was allowed
		hc.End(o.sub.Reason())
	}
	select {
	case <-c.R.Context().Done():
		o.sub.PeerGone()
	case <-hc.done:
	}
	hc.seal()
	return nil
}
