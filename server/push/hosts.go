package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// services are the push services of the browsers: these names and those below them.
var services = []string{"fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"}

// onlyHosts are the names to which all pushes of their service go.
var onlyHosts = map[string]bool{"web.push.apple.com": true, "updates.push.services.mozilla.com": true}

// ErrService is for a subscription at an address that is not a known push service. A subscription is a request to send to a URL
// that another person chose, so it may only lead where browsers lead.
var ErrService = errors.New("not a known push service")

// hosts says where pushes may go.
type hosts struct {
	names   []string
	origins map[string]bool // scheme://host:port, configured: may be private and without TLS
}

// newHosts adds what is configured: a host name, or a whole origin for a push service of one's own.
func newHosts(more []string) hosts {
	h := hosts{names: services, origins: map[string]bool{}}
	for _, m := range more {
		if strings.Contains(m, "://") {
			h.origins[strings.TrimRight(m, "/")] = true
		} else {
			h.names = append(h.names[:len(h.names):len(h.names)], strings.ToLower(m))
		}
	}
	return h
}

// check parses the endpoint of a subscription, and names the push service that it leads to: as it is listed or configured, so that there
// are no more of them than those.
func (h hosts) check(endpoint string) (u *url.URL, service string, err error) {
	u, err = url.Parse(endpoint)
	if err != nil || len(endpoint) > 2000 || u.User != nil || u.Fragment != "" {
		return nil, "", ErrService
	}
	if origin := u.Scheme + "://" + u.Host; h.origins[origin] {
		return u, origin, nil
	}
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" {
		return nil, "", ErrService
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, s := range h.names {
		if name == s || strings.HasSuffix(name, "."+s) {
			return u, s, nil
		}
	}
	return nil, "", ErrService
}

// client sends to public addresses only, whatever a name leads to, and follows nothing. The address is judged when the
// connection is made, so that a name cannot lead elsewhere in between.
func (h hosts) client(timeout time.Duration, names *net.Resolver) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Resolver: names}
	guarded := &net.Dialer{Timeout: 10 * time.Second, Resolver: names, Control: onlyPublic}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 16 << 10,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if h.origins["http://"+address] || h.origins["https://"+address] || h.origins["https://"+strings.TrimSuffix(address, ":443")] {
					return dialer.DialContext(ctx, network, address)
				}
				return guarded.DialContext(ctx, network, address)
			},
		},
	}
}

func onlyPublic(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(a.Addr().Unmap()) {
		return fmt.Errorf("%w: its name leads to %s", ErrService, a.Addr())
	}
	return nil
}

// special are networks outside the public internet that netip does not know as such.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
