package daemon

import (
	"net"
	"net/netip"
	"sync"

	"notifer/server"
	"notifer/server/config"
)

// connections bounds open TCP connections in all and per peer address, against floods. Loopback and trusted proxies are
// not counted per address, since they speak for many; loopback is let in even when all places are taken, so that the
// health check and the proxy beside the server still pass.
type connections struct {
	exempt func(netip.Addr) bool

	mu              sync.Mutex
	all, perAddress int // 0 is no limit
	open            int
	by              map[netip.Addr]int
}

func newConnections(c *config.Config) *connections {
	proxies, _ := config.Networks(c.TrustedProxies) // the configuration has been checked
	n := &connections{by: map[netip.Addr]int{}, exempt: func(a netip.Addr) bool { return inside(proxies, a) }}
	n.set(c)
	return n
}

// inside says whether one of the networks holds the address.
func inside(networks []netip.Prefix, a netip.Addr) bool {
	for _, p := range networks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// set takes new bounds into force; open connections stay.
func (n *connections) set(c *config.Config) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.perAddress = c.Limits.Connections, c.Limits.ConnectionsPerAddress
}

// enter takes a place and reports whether there was one.
func (n *connections) enter(a netip.Addr) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !a.IsLoopback() {
		if n.all > 0 && n.open >= n.all {
			return false
		}
		if n.perAddress > 0 && n.by[server.Network(a)] >= n.perAddress && !n.exempt(a) {
			return false
		}
	}
	n.open++
	n.by[server.Network(a)]++
	return true
}

func (n *connections) leave(a netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	a = server.Network(a)
	if n.by[a]--; n.by[a] <= 0 {
		delete(n.by, a)
	}
}

// boundedListener closes connections that find no place, without a word: answering would cost more than the flood.
type boundedListener struct {
	net.Listener
	n *connections
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
