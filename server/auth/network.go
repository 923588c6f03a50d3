package auth

import (
	"fmt"
	"net/netip"
	"strings"
)

// networks are the addresses a token may be used from; an empty list means any.
type networks []netip.Prefix

// ParseNetworks reads a comma list of addresses and CIDR ranges and returns it in canonical form.
func ParseNetworks(s string) (string, error) {
	n, err := parseNetworks(s)
	if err != nil {
		return "", err
	}
	text := make([]string, len(n))
	for i, p := range n {
		text[i] = p.String()
	}
	return strings.Join(text, ","), nil
}

func parseNetworks(s string) (networks, error) {
	var n networks
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := ParseNetwork(part)
		if err != nil {
			return nil, err
		}
		n = append(n, p)
	}
	return n, nil
}

// ParseNetwork reads an address or a CIDR range; an address is a network of one.
func ParseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return unmapped(netip.PrefixFrom(a, a.BitLen())), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q is not an address or a network such as 192.168.1.0/24", text)
	}
	return unmapped(p), nil
}

// unmapped is a network in canonical form: one of IPv4 addresses may be written inside IPv6 (RFC 4291 section 2.5.5.2), but
// callers' addresses are not.
func unmapped(p netip.Prefix) netip.Prefix {
	const inside = 96
	if p.Addr().Is4In6() && p.Bits() >= inside {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-inside)
	}
	return p.Masked()
}

func (n networks) allow(a netip.Addr) bool {
	if len(n) == 0 {
		return true
	}
	a = a.Unmap()
	for _, p := range n {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
