package stream

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"notifer/server/hub"
)

const (
	writePiece = 16 << 10 // written under one deadline, so that a slow but living reader gets through
	endGrace   = time.Second
	wsSilence  = 60 * time.Second
)

// conn is a subscriber's hijacked connection. Frames are written whole: the lock is held from the first byte of a
// write to its last, even when a worker begins it and the stream's own goroutine ends it.
type conn struct {
	net.Conn
	format  *format
	timeout time.Duration
	silence time.Duration   // after which a WebSocket's peer is gone
	raw     syscall.RawConn // nil for TLS: nothing can be written there without blocking
	began   time.Time
	heard   atomic.Int64 // nanoseconds from began to the last read, for WebSockets: setting the clock leaves them alone
	hurried atomic.Bool

	mu   sync.Mutex
	held bool // owned by the stream's busy goroutine: mu is held since a Try that did not finish
	byte [1]byte
}

func newConn(c net.Conn, f *format, timeout time.Duration) *conn {
	s := &conn{Conn: c, format: f, timeout: timeout, silence: wsSilence, began: time.Now()}
	if sc, ok := c.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	return s
}

// Try implements hub.Conn.
func (c *conn) Try(p []byte) (int, error) {
	if c.raw == nil || !c.mu.TryLock() {
		return 0, nil
	}
	n, err := writeNow(c.raw, p)
	if err == nil && n > 0 && n < len(p) {
		c.held = true
		return n, nil
	}
	c.mu.Unlock()
	return n, err
}

// Write implements net.Conn for the WebSocket library, which writes each control frame in one call: it waits until the
// stream's goroutine has ended a frame that it began.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) > 4 && p[0] == 0x88 && !utf8.Valid(p[4:]) {
		return len(p), c.writeAll(closeFrame(1007, "not UTF-8")) // the library repeats the reason of a peer as it came
	}
	return len(p), c.writeAll(p)
}

// writeRest writes p on the stream's own goroutine.
func (c *conn) writeRest(p []byte) error {
	if !c.held {
		c.mu.Lock()
	}
	c.held = false
	defer c.mu.Unlock()
	return c.writeAll(p)
}

func (c *conn) writeAll(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), writePiece)
		c.Conn.SetWriteDeadline(time.Now().Add(c.limit()))
		if _, err := c.Conn.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return c.Conn.SetWriteDeadline(time.Time{})
}

func (c *conn) limit() time.Duration {
	if c.hurried.Load() {
		return endGrace
	}
	return c.timeout
}

// Read notes that the peer lives.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(int64(time.Since(c.began)))
	}
	return n, err
}

// subscriber adapts a conn to the hub, whose Write has no count.
type subscriber struct{ *conn }

// Write implements hub.Conn.
func (c subscriber) Write(p []byte) error { return c.writeRest(p) }

// Beat implements hub.Conn.
func (c *conn) Beat() []byte { return c.format.beat }

// End implements hub.Conn: the protocol's goodbye, then the end of our side. The reader closes when the peer has.
func (c *conn) End(r hub.Reason) {
	c.hurried.Store(true)
	if err := c.writeRest(c.format.goodbyes[r]); err != nil {
		c.Conn.Close()
		return
	}
	c.Conn.SetReadDeadline(time.Now().Add(endGrace))
	if t, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = t.CloseWrite() // the reader's deadline closes whatever happens
	}
}

// Hurry implements hub.Conn.
func (c *conn) Hurry() {
	c.hurried.Store(true)
	c.Conn.SetWriteDeadline(time.Now().Add(endGrace))
}

// Abort implements hub.Conn.
func (c *conn) Abort() { c.Conn.Close() }

// Alive implements hub.Conn: SSE peers send nothing, so only a failed write shows it; WebSocket peers answer pings.
func (c *conn) Alive() bool {
	return !c.format.pings || time.Since(c.began)-time.Duration(c.heard.Load()) < c.silence
}

// silenceOf is how long a peer may be silent that is pinged at this interval: a minute, and never so short that it has had no ping to answer.
func silenceOf(heartbeat time.Duration) time.Duration { return max(wsSilence, 2*heartbeat) }
