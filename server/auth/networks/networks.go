// Package networks reads and compares the addresses that a token may be used from.
package networks

import (
	"fmt"
	"net/netip"
	"strings"
)

// List is where a token may be used from; an empty one means anywhere.
type List []netip.Prefix

// Canonical reads a comma list of addresses and CIDR ranges and returns it in canonical form.
func Canonical(s string) (string, error) {
	n, err := Parse(s)
	if err != nil {
		return "", err
	}
	text := make([]string, len(n))
	for i, p := range n {
		text[i] = p.String()
	}
	return strings.Join(text, ","), nil
}

// Parse reads a comma list of addresses and CIDR ranges.
func Parse(s string) (List, error) {
	var n List
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := ParseOne(part)
		if err != nil {
			return nil, err
		}
		n = append(n, p)
	}
	return n, nil
}

// ParseOne reads an address or a CIDR range; an address is a network of one.
func ParseOne(text string) (netip.Prefix, error) {
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

// Allow reports whether an address is in the list.
func (n List) Allow(a netip.Addr) bool {
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
