package request

import (
	"net/http"
	"net/netip"
	"strings"
)

// peer is the address at the other end of the connection; the zero Addr over a unix socket.
func peer(r *http.Request) netip.Addr {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr().Unmap().WithZone("") // a zone is this machine's name for a link
}

// Trusted reports whether the peer is a proxy whose word about the client is taken.
func (s *Site) Trusted(r *http.Request) bool {
	return len(s.proxies) > 0 && s.isProxy(peer(r))
}

func (s *Site) isProxy(a netip.Addr) bool {
	if !a.IsValid() {
		return len(s.proxies) > 0 // a unix socket is only reachable by whom its mode lets in
	}
	for _, p := range s.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// clientAddress is the peer, or, behind trusted proxies, the rightmost address of X-Forwarded-For that is not one of
// them; whatever stands further left was written by the client.
func (s *Site) clientAddress(r *http.Request) netip.Addr {
	a := peer(r)
	if len(s.proxies) == 0 || !s.isProxy(a) {
		return a
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		if a = hop; !s.isProxy(a) {
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
