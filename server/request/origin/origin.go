// Package origin separates requests of our own pages from those of other sites' pages, and writes both as a log may hold them.
package origin

import (
	"net/http"
	"net/url"
	"strings"
)

// Same reports whether a request comes from our own pages or from outside any page. Browsers say so by
// Sec-Fetch-Site (Fetch Metadata, W3C) over TLS and on localhost, and by Origin elsewhere. Our origin is the public
// URL where it is configured (nil: it is not), never a Host that an attacker made up (DNS rebinding).
func Same(r *http.Request, public *url.URL) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	from := r.Header.Get("Origin")
	if from == "" {
		return true
	}
	u, err := url.Parse(from)
	if err != nil || u.Host == "" {
		return false
	}
	if public != nil {
		return strings.EqualFold(u.Scheme, public.Scheme) && SameHost(u.Scheme, u.Host, public.Host)
	}
	return SameHost(u.Scheme, u.Host, r.Host)
}

// SameHost compares hosts with their ports; the default one of the scheme may be named or not.
func SameHost(scheme, a, b string) bool {
	port := ":80"
	if strings.EqualFold(scheme, "https") {
		port = ":443"
	}
	return strings.EqualFold(strings.TrimSuffix(a, port), strings.TrimSuffix(b, port))
}

// Loggable is an Origin as the log may hold it: what was parsed, never what was sent, which could look like another line.
func Loggable(origin string) string {
	if origin == "" || origin == "null" {
		return origin
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return unreadable
	}
	return u.Scheme + "://" + LoggableHost(u.Host)
}

// unreadable is logged in place of a value that is not well-formed.
const unreadable = "(unreadable)"

// LoggableHost is a host with its port, where it is one.
func LoggableHost(host string) string {
	if len(host) > 255 || strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-.:[]") != "" {
		return unreadable
	}
	return host
}
