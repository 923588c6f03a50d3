package daemon

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"notifer/server/config"
)

func TestDifferences(t *testing.T) {
	now, next := config.Default(), config.Default()
	next.LogLevel, next.Limits.Streams, next.DataDir = "debug", 5, "/elsewhere"
	changed, restart := now.Differences(next, reloadable)
	if !slices.Equal(changed, []string{"log_level", "limits.streams"}) || !slices.Equal(restart, []string{"data_dir"}) {
		t.Errorf("changed %v, restart %v", changed, restart)
	}
	now.Adopt(next, changed)
	if changed, restart = now.Differences(next, reloadable); len(changed) != 0 || len(restart) != 1 {
		t.Errorf("after adopting: changed %v, restart %v", changed, restart)
	}
}

func TestReloadableKeysExist(t *testing.T) {
	for _, key := range reloadable {
		if _, ok := config.Default().Setting(key); !ok {
			t.Errorf("%s is no key", key)
		}
	}
}

func TestConnectionPlaces(t *testing.T) {
	c := config.Default()
	c.Limits.Connections, c.Limits.ConnectionsPerAddress = 3, 2
	c.TrustedProxies = config.List{"10.0.0.1"}
	n := newConnections(c)
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
	n := newConnections(c)
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
	n := newConnections(config.Default())
	l := boundedListener{inner, n}
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
