package server

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"notifer/server/hub"
	"notifer/server/request"
)

const (
	writePiece = 16 << 10 // written under one deadline, so that a slow but living reader gets through
	endGrace   = time.Second
	wsSilence  = 60 * time.Second
)

// streamConn is a subscriber's hijacked connection. Frames are written whole: the lock is held from the first byte of a
// write to its last, also when a worker begins it and the stream's own goroutine ends it.
type streamConn struct {
	net.Conn
	form    hub.Form
	named   bool // heartbeats are events, which a page's script can see
	timeout time.Duration
	raw     syscall.RawConn // nil for TLS: nothing can be written there without blocking
	began   time.Time
	heard   atomic.Int64 // nanoseconds from began to the last read, for WebSockets: setting the clock leaves them alone
	hurried atomic.Bool

	mu   sync.Mutex
	held bool // owned by the stream's busy goroutine: mu is held since a Try that did not finish
	byte [1]byte
}

func newStreamConn(c net.Conn, form hub.Form, timeout time.Duration) *streamConn {
	s := &streamConn{Conn: c, form: form, timeout: timeout, began: time.Now()}
	if sc, ok := c.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	return s
}

// Try implements hub.Conn.
func (c *streamConn) Try(p []byte) (int, error) {
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
func (c *streamConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(p), c.writeAll(p)
}

// writeRest writes p on the stream's own goroutine.
func (c *streamConn) writeRest(p []byte) error {
	if !c.held {
		c.mu.Lock()
	}
	c.held = false
	defer c.mu.Unlock()
	return c.writeAll(p)
}

func (c *streamConn) writeAll(p []byte) error {
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

func (c *streamConn) limit() time.Duration {
	if c.hurried.Load() {
		return endGrace
	}
	return c.timeout
}

// Read notes that the peer lives.
func (c *streamConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(int64(time.Since(c.began)))
	}
	return n, err
}

// subscriber adapts a streamConn to the hub, whose Write has no count.
type subscriber struct{ *streamConn }

// Write implements hub.Conn.
func (c subscriber) Write(p []byte) error { return c.writeRest(p) }

// Beat implements hub.Conn.
func (c *streamConn) Beat() []byte {
	if c.named {
		return namedBeats[c.form]
	}
	return beats[c.form]
}

// End implements hub.Conn: the protocol's goodbye, then the end of our side. The reader closes when the peer has.
func (c *streamConn) End(r hub.Reason) {
	c.hurried.Store(true)
	if err := c.writeRest(goodbyes[c.form][r]); err != nil {
		c.Conn.Close()
		return
	}
	c.Conn.SetReadDeadline(time.Now().Add(endGrace))
	if t, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = t.CloseWrite() // the reader's deadline closes whatever happens
	}
}

// Hurry implements hub.Conn.
func (c *streamConn) Hurry() {
	c.hurried.Store(true)
	c.Conn.SetWriteDeadline(time.Now().Add(endGrace))
}

// Abort implements hub.Conn.
func (c *streamConn) Abort() { c.Conn.Close() }

// Alive implements hub.Conn: SSE peers say nothing, so only a failed write tells; WebSocket peers answer pings.
func (c *streamConn) Alive() bool {
	return c.form != formText || time.Since(c.began)-time.Duration(c.heard.Load()) < wsSilence
}

var beats = [hub.MaxForms][]byte{
	formChunked: chunk(": keepalive\n\n"),
	formPlain:   []byte(": keepalive\n\n"),
	formText:    {0x89, 0}, // ping, RFC 6455 section 5.5.2
}

// aliveEvent is a heartbeat for a page: its script cannot see a comment. It has no id, so the place to resume from stays.
const aliveEvent = "event: alive\ndata: {}\n\n"

var namedBeats = [hub.MaxForms][]byte{formChunked: chunk(aliveEvent), formPlain: []byte(aliveEvent), formText: beats[formText]}

// namedHeartbeat reports whether the client asked for heartbeats as events.
func namedHeartbeat(c *request.Call) bool { return c.Query.Get("heartbeat") == "event" }

const revokedEvent = "event: revoked\ndata: revoked\n\n"

var goodbyes = [hub.MaxForms][4][]byte{
	formChunked: {
		hub.Gone: []byte("0\r\n\r\n"), hub.Shutdown: []byte("0\r\n\r\n"), hub.Failed: []byte("0\r\n\r\n"),
		hub.Revoked: append(chunk(revokedEvent), "0\r\n\r\n"...),
	},
	formPlain: {hub.Revoked: []byte(revokedEvent)},
	formText: {
		hub.Gone: closeFrame(1000, ""), hub.Shutdown: closeFrame(1001, "server is stopping"),
		hub.Failed: closeFrame(1011, "history cannot be read"), hub.Revoked: closeFrame(1008, "revoked"),
	},
}

func chunk(s string) []byte {
	return appendChunk(nil, func(b []byte) []byte { return append(b, s...) })
}

// closeFrame is an unmasked close frame, RFC 6455 section 5.5.1.
func closeFrame(code int, reason string) []byte {
	return append([]byte{0x88, byte(2 + len(reason)), byte(code >> 8), byte(code)}, reason...)
}
