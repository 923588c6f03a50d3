package doctor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"notifer/server/client"
	"notifer/server/daemon"
)

// loopbackAlias is an address of this machine that nothing else connects from. A proxy on this machine connects from another one, so the
// server sees the difference.
var loopbackAlias = netip.MustParseAddr("127.0.0.2")

// ownAddress is the address from which requests of this machine reach a server; the zero Addr when it is not known.
func ownAddress(ctx context.Context, public string) netip.Addr {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" {
		return netip.Addr{}
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	to := net.JoinHostPort(u.Hostname(), port)
	conn, err := (&net.Dialer{Timeout: deliveryLimit}).DialContext(ctx, "tcp", to)
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	local, ok := conn.LocalAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	own := local.AddrPort().Addr().Unmap().WithZone("")
	if !own.IsLoopback() {
		return own
	}
	other, err := dialFrom(loopbackAlias).DialContext(ctx, "tcp4", to)
	if err != nil {
		return netip.Addr{} // a system where 127.0.0.2 is not this machine, or a server on IPv6 alone
	}
	other.Close()
	return loopbackAlias
}

func dialFrom(a netip.Addr) *net.Dialer {
	return &net.Dialer{Timeout: deliveryLimit, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0))}
}

// clientAddress checks whether the server sees this machine's address or that of a proxy in between.
func (p *probe) clientAddress(ctx context.Context) daemon.Diagnosis {
	const name = "client address"
	if p.boundSecret == "" {
		return result(name, daemon.Skipped, "the address that this machine uses to reach the server is not known")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.client.URL("/"+p.topic.Name), strings.NewReader("doctor"))
	if err != nil {
		return result(name, daemon.Bad, err.Error())
	}
	req.Header.Set("X-Topic-Token", p.boundSecret)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.DialContext = nil, dialFrom(p.ownAddress).DialContext
	defer transport.CloseIdleConnections()
	c, err := client.New(p.public)
	if err != nil {
		return result(name, daemon.Bad, err.Error())
	}
	c.HTTP().Transport = transport
	_, err = c.Send(req)
	refused, answered := errors.AsType[*client.Error](err)
	switch {
	case err == nil:
		return result(name, daemon.Fine, "the server sees clients by their own addresses")
	case answered && refused.Status == http.StatusForbidden:
		return result(name, daemon.Warning, "the server sees another IP address than the client's ("+p.ownAddress.String()+
			"): list the proxy in `trusted_proxies` and let it pass X-Forwarded-For, unless a router in between translates addresses")
	}
	return result(name, daemon.Skipped, "not tried: "+err.Error())
}
