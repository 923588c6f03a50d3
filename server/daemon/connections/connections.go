// Package connections accepts TCP connections for a server: each has a place within the bounds, and its TLS handshake behind it where there
// is TLS, and what package http answers by itself to a request that it cannot parse is put into words.
package connections

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"notifer/server/config"
	"notifer/server/request"
)

// Bounds of the head of a request, against peers that send slowly or much.
const (
	HeaderTimeout = 5 * time.Second // of a TLS handshake too
	HeaderBytes   = 16 << 10
)

// Places bounds open TCP connections in all and per peer address, against floods. Loopback and trusted proxies are
// not counted per address, since they speak for many; loopback is let in even when all places are taken, so that the
// health check and the proxy beside the server still pass. Any goroutine may call its methods.
type Places struct {
	exempt func(netip.Addr) bool

	mu              sync.Mutex
	all, perAddress int // 0 is no limit
	open            int
	by              map[netip.Addr]int
}

// NewPlaces makes the places of a configuration, which has been checked.
func NewPlaces(c *config.Config) *Places {
	proxies, _ := config.Networks(c.TrustedProxies)
	n := &Places{by: map[netip.Addr]int{}, exempt: func(a netip.Addr) bool { return Inside(proxies, a) }}
	n.Set(c)
	return n
}

// Inside reports whether one of the networks contains an address.
func Inside(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Set applies the bounds of another configuration; open connections stay.
func (n *Places) Set(c *config.Config) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.perAddress = c.Limits.Connections, c.Limits.ConnectionsPerAddress
}

// enter takes a place and reports whether there was one.
func (n *Places) enter(a netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !a.IsLoopback() {
		if n.all > 0 && n.open >= n.all {
			return false
		}
		if n.perAddress > 0 && n.by[request.Network(a)] >= n.perAddress && !n.exempt(a) {
			return false
		}
	}
	n.open++
	n.by[request.Network(a)]++
	return true
}

func (n *Places) leave(a netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	a = request.Network(a)
	if n.by[a]--; n.by[a] <= 0 {
		delete(n.by, a)
	}
}

// Bound returns a listener whose connections have a place each.
func (n *Places) Bound(l net.Listener) net.Listener { return boundedListener{l, n} }

// boundedListener closes connections that find no place, without a word: answering would cost more than the flood.
type boundedListener struct {
	net.Listener
	n *Places
}

// Accept returns the next connection that has a place.
func (l boundedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		t, ok := c.(*net.TCPConn)
		if !ok {
			return c, nil
		}
		a, _ := netip.AddrFromSlice(t.RemoteAddr().(*net.TCPAddr).IP)
		if a = a.Unmap(); l.n.enter(a) {
			return &boundedConn{TCPConn: t, leave: sync.OnceFunc(func() { l.n.leave(a) })}, nil
		}
		t.Close()
	}
}

// boundedConn gives its place back when it is closed. It stays a TCP connection, whose socket streams write to directly.
type boundedConn struct {
	*net.TCPConn
	leave func()
}

// Close closes the connection and gives its place back.
func (c *boundedConn) Close() error {
	defer c.leave()
	return c.TCPConn.Close()
}

// Write puts refusals of package http into words; see explainingConn for those over TLS, of which only what is encrypted passes here.
func (c *boundedConn) Write(b []byte) (int, error) { return writeExplained(c.TCPConn, b) }

// writeExplained puts into words what package http answers by itself to a request that it cannot parse: its sender sees nothing else.
func writeExplained(to io.Writer, b []byte) (int, error) {
	answer := explained(b)
	if answer == nil {
		return to.Write(b)
	}
	_, err := to.Write(answer)
	return len(b), err
}

// bareHead follows the status line of such an answer, and of no other.
var bareHead = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

const notWellFormed = "the request is not well-formed HTTP: a header holds a line end (such as that of a file from Windows) or a control character, the URL holds a space, or " +
	"Content-Length is not a number. Put such text into the body, and write a space as %20"

// flaws are such answers by their status lines, with what our own says.
var flaws = map[string]string{
	"HTTP/1.1 400 Bad Request":                                              notWellFormed,
	"HTTP/1.1 400 Bad Request: invalid header value":                        notWellFormed,
	"HTTP/1.1 400 Bad Request: invalid header name":                         "the name of a header holds a space or another character that no name has: write each header as NAME: VALUE",
	"HTTP/1.1 400 Bad Request: missing required Host header":                "the request has no Host header: send the name of the server in it, or the request as HTTP/1.0",
	"HTTP/1.1 400 Bad Request: malformed Host header":                       "the Host header is not the name of a server: send it without http:// and without a path",
	"HTTP/1.1 431 Request Header Fields Too Large":                          fmt.Sprintf("the URL and the headers are larger than %d bytes: put long text into the body", HeaderBytes),
	"HTTP/1.1 501 Not Implemented":                                          "Transfer-Encoding can only be chunked: leave it out and send Content-Length",
	"HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version": "the version of HTTP is not known here: send the request as HTTP/1.1",
}

// explained is such an answer with the form of all our refusals; nil for any other.
func explained(b []byte) []byte {
	if len(b) > 300 || !bytes.HasPrefix(b, []byte("HTTP/1.1 ")) || b[len("HTTP/1.1 ")] < '4' {
		return nil
	}
	head, _, found := bytes.Cut(b, bareHead)
	detail := flaws[string(head)]
	if !found || detail == "" {
		return nil
	}
	status, _, _ := bytes.Cut(head, []byte(": "))
	body := `{"detail":"` + detail + "\"}\n"
	return fmt.Appendf(nil, "%s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(body), body)
}
