// Package proxies finds the IP address of a client behind the proxies that a server trusts.
package proxies

import (
	"net/http"
	"net/netip"
	"strings"
)

// Trusted are the networks of these proxies.
type Trusted []netip.Prefix

// peer is the IP address at the other end of the connection; the zero Addr over a unix socket.
func peer(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap().WithZone("") // a zone is this machine's name for a link
}

// Sent reports whether the peer of a request is a proxy whose word about the client is taken.
func (t Trusted) Sent(r *http.Request) bool {
	return len(t) > 0 && t.has(peer(r))
}

func (t Trusted) has(a netip.Addr) bool {
	if !a.IsValid() {
		return len(t) > 0 // only those whom the mode of a unix socket lets in reach it
	}
	for _, p := range t {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Client is the peer, or, behind trusted proxies, the rightmost IP address of X-Forwarded-For that is not one of
// them; whatever stands further left was written by the client.
func (t Trusted) Client(r *http.Request) netip.Addr {
	a := peer(r)
	if len(t) == 0 || !t.has(a) {
		return a
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		if a = hop; !t.has(a) {
			break
		}
	}
	return a
}

func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}
