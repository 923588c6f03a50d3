package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// CheckAddresses refuses addresses that could not be opened side by side, and with TLS those that would show no page. It is passed what is
// to be opened: an address for which systemd passes a socket is not. The fault is a UsageError with the key and its origin.
func (c *Config) CheckAddresses(listen, metrics List) error {
	for _, k := range []struct {
		key string
		err error
	}{
		{"listen", c.somePages(listen)},
		{"listen", distinct(listen, nil)},
		{"metrics.listen", distinct(metrics, listen)},
	} {
		if k.err != nil {
			return Usagef("notifer config example", "%s (%s): %v", k.key, c.origins[k.key], k.err)
		}
	}
	return nil
}

// distinct refuses addresses of a list that overlap with each other or with those of another list: the second one could not be opened.
func distinct(list, others List) error {
	seen := append(List{}, others...)
	for _, a := range list {
		for _, b := range seen {
			switch {
			case !overlap(a, b):
			case a == b:
				return fmt.Errorf("%s is listed twice", a)
			default:
				return fmt.Errorf("%s and %s overlap: remove one of them", b, a)
			}
		}
		seen = append(seen, a)
	}
	return nil
}

// overlap reports whether only one of two addresses can be listened on. Without a host, or with 0.0.0.0 or [::], all addresses of the
// machine are meant, of both kinds.
func overlap(a, b string) bool {
	one, socket := strings.CutPrefix(a, "unix:")
	other, both := strings.CutPrefix(b, "unix:")
	if socket || both {
		return socket && both && filepath.Clean(one) == filepath.Clean(other)
	}
	host, port := place(a)
	otherHost, otherPort := place(b)
	return port != 0 && port == otherPort && (host == "" || otherHost == "" || host == otherHost)
}

// place is the host of an address, "" for all, and its port, 0 for one that the system chooses.
func place(address string) (host string, port int) {
	host, name, err := net.SplitHostPort(address)
	if err == nil {
		port, _ = net.LookupPort("tcp", name)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ""
	} else if ip != nil {
		host = ip.String()
	}
	return host, port
}

// somePages refuses addresses with TLS that are all on port 80, where only redirects and the authority's challenges are answered.
func (c *Config) somePages(list List) error {
	for _, a := range list {
		if _, port, err := net.SplitHostPort(a); err != nil || !c.OnlyRedirects(port) {
			return nil
		}
	}
	if len(list) == 0 {
		return nil
	}
	return errors.New("with TLS, port 80 only redirects to https: add :443")
}
