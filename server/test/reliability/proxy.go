package reliability

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Mode is what a Proxy does to the bytes it carries.
type Mode int

// The ways a network fails.
const (
	Pass      Mode = iota // carry everything
	Freeze                // carry nothing and close nothing, as a dead peer or a pulled cable
	Reset                 // end every connection with a TCP reset; new ones too
	HalfClose             // end the direction from server to client and keep the other open
	Trickle               // one byte per second and direction
)

// Proxy is a TCP proxy in front of a server that damages connections on demand. Its methods are safe for use by many goroutines.
type Proxy struct {
	target string
	listen net.Listener
	done   sync.WaitGroup

	mu     sync.Mutex
	mode   Mode
	change chan struct{} // closed and replaced when mode changes
	pairs  map[*pair]bool
	closed bool
}

type pair struct{ client, server *net.TCPConn }

// NewProxy listens on a free port of the loopback address and carries to target until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: target, listen: l, change: make(chan struct{}), pairs: map[*pair]bool{}}
	p.done.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr is host:port of the proxy.
func (p *Proxy) Addr() string { return p.listen.Addr().String() }

// SetTarget sends later connections to another server.
func (p *Proxy) SetTarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Set puts every open and later connection in the mode.
func (p *Proxy) Set(m Mode) {
	p.mu.Lock()
	p.mode = m
	close(p.change)
	p.change = make(chan struct{})
	open := p.open()
	p.mu.Unlock()
	for _, c := range open {
		c.damage(m)
	}
}

// Cut damages the open connections once, with Reset or HalfClose, and passes later ones.
func (p *Proxy) Cut(m Mode) {
	p.mu.Lock()
	open := p.open()
	p.mu.Unlock()
	for _, c := range open {
		c.damage(m)
	}
}

func (p *Proxy) open() []*pair {
	var open []*pair
	for c := range p.pairs {
		open = append(open, c)
	}
	return open
}

func (c *pair) damage(m Mode) {
	switch m {
	case Reset:
		c.client.SetLinger(0)
		c.server.SetLinger(0)
		c.client.Close()
		c.server.Close()
	case HalfClose:
		c.client.CloseWrite()
	}
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listen.Accept()
		if err != nil {
			return
		}
		p.done.Go(func() { p.carry(conn.(*net.TCPConn)) })
	}
}

func (p *Proxy) carry(client *net.TCPConn) {
	defer client.Close()
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	conn, err := net.Dial("tcp", target)
	if err != nil {
		client.SetLinger(0)
		return
	}
	server := conn.(*net.TCPConn)
	defer server.Close()
	c := &pair{client, server}
	if !p.add(c) {
		return
	}
	defer p.remove(c)
	var both sync.WaitGroup
	both.Go(func() { p.pump(client, server) })
	both.Go(func() { p.pump(server, client) })
	both.Wait()
}

func (p *Proxy) add(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.mode == Reset {
		c.client.SetLinger(0)
		return false
	}
	p.pairs[c] = true
	return true
}

func (p *Proxy) remove(c *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pairs, c)
}

// pump carries one direction; it reads only as fast as the mode lets it write, so a frozen peer fills the kernel's buffers.
func (p *Proxy) pump(to, from *net.TCPConn) {
	buf := make([]byte, 32<<10)
	for {
		size := p.allowance(len(buf))
		if size == 0 {
			break
		}
		n, err := from.Read(buf[:size])
		if n > 0 && p.allowance(n) == 0 {
			break
		}
		if _, werr := to.Write(buf[:n]); werr != nil || (err != nil && !errors.Is(err, io.EOF)) {
			to.SetLinger(0)
			to.Close()
			from.Close()
			return
		}
		if err != nil {
			break
		}
	}
	to.CloseWrite()
}

// allowance waits until the mode lets bytes pass and says how many; 0 means that the proxy was closed.
func (p *Proxy) allowance(most int) int {
	for {
		p.mu.Lock()
		mode, change, closed := p.mode, p.change, p.closed
		p.mu.Unlock()
		switch {
		case closed:
			return 0
		case mode == Freeze:
			<-change
		case mode == Trickle:
			select {
			case <-time.After(time.Second):
				return 1
			case <-change:
			}
		default:
			return most
		}
	}
}

func (p *Proxy) close() {
	p.listen.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Set(Reset)
	p.done.Wait()
}
