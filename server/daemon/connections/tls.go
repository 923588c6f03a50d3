package connections

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// tlsListener accepts connections whose TLS handshake is done, so that it can put HTTP/1.1 in another type than that by which package http
// recognises HTTP/2: only above the encryption can an answer of that package be put into words. Handshakes run beside each other, within the
// time for the head of a request.
type tlsListener struct {
	net.Listener
	config *tls.Config
	ready  chan accepted
	ctx    context.Context // ends with the listener
	stop   context.CancelFunc
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

// TLS returns a listener that accepts connections whose handshake is done. Closing it closes l and ends the handshakes.
func TLS(l net.Listener, config *tls.Config) net.Listener {
	t := &tlsListener{Listener: l, config: config, ready: make(chan accepted)}
	t.ctx, t.stop = context.WithCancel(context.Background())
	go t.acceptAll()
	return t
}

// acceptAll runs until the listener is closed. After another error it goes on once that has been reported.
func (l *tlsListener) acceptAll() {
	for {
		c, err := l.Listener.Accept()
		if err == nil {
			go l.shakeHands(c)
			continue
		}
		if !l.hand(accepted{err: err}) || errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

// shakeHands hands on a connection after its handshake, also after one that failed: package http answers those who speak plain HTTP.
func (l *tlsListener) shakeHands(raw net.Conn) {
	secure := tls.Server(raw, l.config)
	var conn net.Conn = secure
	_ = raw.SetDeadline(time.Now().Add(HeaderTimeout)) // a connection that takes no deadline is closed already
	if secure.HandshakeContext(l.ctx) == nil && isHTTP1(secure.ConnectionState().NegotiatedProtocol) {
		conn = explainingConn{secure}
	}
	_ = raw.SetDeadline(time.Time{})
	if !l.hand(accepted{conn: conn}) {
		raw.Close()
	}
}

func isHTTP1(protocol string) bool { return protocol == "" || protocol == "http/1.1" }

// hand reports whether Accept has taken it, which it no longer does once the listener is closed.
func (l *tlsListener) hand(a accepted) bool {
	select {
	case l.ready <- a:
		return true
	case <-l.ctx.Done():
		return false
	}
}

// Accept implements net.Listener.
func (l *tlsListener) Accept() (net.Conn, error) {
	select {
	case a := <-l.ready:
		return a.conn, a.err
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Handshakes under way end with their connections.
func (l *tlsListener) Close() error {
	l.stop()
	return l.Listener.Close()
}

// explainingConn is HTTP/1.1 over TLS.
type explainingConn struct{ *tls.Conn }

// Write puts refusals of package http into words.
func (c explainingConn) Write(b []byte) (int, error) { return writeExplained(c.Conn, b) }
