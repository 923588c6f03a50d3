package connections

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"notifer/server/config"
)

func TestConnectionPlaces(t *testing.T) {
	c := config.Default()
	c.Limits.Connections, c.Limits.ConnectionsPerAddress = 3, 2
	c.TrustedProxies = config.List{"10.0.0.1"}
	n := NewPlaces(c)
	one, proxy, loop := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")
	for i, row := range []struct {
		address netip.Addr
		want    bool
	}{{one, true}, {one, true}, {one, false}, {proxy, true}, {proxy, false}, {loop, true}, {loop, true}} {
		if got := n.enter(row.address); got != row.want {
			t.Errorf("%d: enter(%s) = %v, want %v", i, row.address, got, row.want)
		}
	}
	for range 2 {
		n.leave(loop)
	}
	n.leave(one)
	if !n.enter(proxy) {
		t.Error("a trusted proxy is bounded per address")
	}
}

// TestConnectionPlacesOfIPv6: a machine may take any address of its /64, and must not have a bound for each.
func TestConnectionPlacesOfIPv6(t *testing.T) {
	c := config.Default()
	c.Limits.ConnectionsPerAddress = 1
	n := NewPlaces(c)
	one, other, far := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8:0:1::1")
	if !n.enter(one) || n.enter(other) || !n.enter(far) {
		t.Errorf("places by address: %v, want one for each /64", n.by)
	}
	n.leave(one)
	if !n.enter(other) {
		t.Error("a place that was given back is not free")
	}
}

// A bounded connection gives its place back once, and is still a TCP connection to those who ask.
func TestBoundedListener(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	n := NewPlaces(config.Default())
	l := n.Bound(inner)
	peer, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.(interface{ CloseWrite() error }); !ok || n.open != 1 {
		t.Errorf("open = %d, CloseWrite %v", n.open, ok)
	}
	c.Close()
	c.Close()
	if n.open != 0 {
		t.Errorf("open = %d after closing, want 0", n.open)
	}
}

// TestUnparsedRequestsAreExplained: what package http refuses by itself says what to change, in the form of all refusals.
func TestUnparsedRequestsAreExplained(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{MaxHeaderBytes: HeaderBytes, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "ours", http.StatusBadRequest)
	})}
	go server.Serve(NewPlaces(config.Default()).Bound(inner))
	defer server.Close()
	for head, want := range map[string]string{
		"POST /ops?message=a b HTTP/1.1\r\nHost: nas":         "write a space as %20",
		"POST /ops HTTP/1.1\r\nHost: nas\r\nX-Title: a\nb":    "a header holds a line end",
		"POST /ops HTTP/1.1\r\nHost: nas\r\nX-Title: \x1b[1m": "a control character",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 64<<10): "larger than 16384 bytes",
		"GET / HTTP/1.1\r\nHost: nas\r\nConnection: close":    "ours\n",
		"GET / HTTP/1.1\r\nConnection: close":                 "the request has no Host header: send the name",
	} {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go io.WriteString(c, head+"\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("%.60q: %v", head, err)
			continue
		}
		body, _ := io.ReadAll(answer.Body)
		ours := strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") && json.Valid(body)
		if !strings.Contains(string(body), want) || ours != (want[0] >= 'a' && want != "ours\n") {
			t.Errorf("%.60q: %s %v %s, want %q", head, answer.Status, answer.Header, body, want)
		}
	}
}
