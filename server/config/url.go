package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// CheckBaseURL refuses what is not the URL of a site, and characters that mean something in the files that `notifer init` prints. Empty is
// allowed.
func CheckBaseURL(text string) error {
	if text == "" {
		return nil
	}
	return checkURL("base URL", text)
}

// HTTPSBase reports whether base_url is an https URL.
func (c *Config) HTTPSBase() bool {
	u, err := url.Parse(c.BaseURL)
	return err == nil && u.Scheme == "https"
}

// CheckServerURL refuses what a client cannot call: neither the URL of a site nor unix:/path. The URL may have a user name and a password
// for a proxy, which no error repeats.
func CheckServerURL(text string) error {
	if strings.HasPrefix(text, "unix:") {
		return nil
	}
	site := WithoutUser(text)
	if _, err := url.Parse(text); site != text && (err != nil || strings.Contains(site, "@")) {
		return errors.New("invalid server URL: write special characters of the user name and the password as %40 for @ and %2F for /")
	}
	return checkURL("server URL", site)
}

// WithoutUser removes the user name and the password from a URL.
func WithoutUser(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if i := strings.LastIndex(rest[:end], "@"); ok && i >= 0 {
		return scheme + "://" + rest[i+1:]
	}
	return text
}

// checkURL refuses what is not the URL of a site: http or https, a host, and perhaps a port and a path, of characters that mean nothing
// else in the files that `notifer init` prints. kind is what the error calls it. The error does not repeat what may be a password.
func checkURL(kind, text string) error {
	err := checkCharacters(text)
	if err == nil {
		err = checkSite(text)
	}
	if err != nil {
		return fmt.Errorf("invalid %s: %w", kind, err)
	}
	return nil
}

// checkCharacters goes through the characters only, so that what it accepts can be repeated.
func checkCharacters(text string) error {
	i := strings.IndexFunc(text, func(r rune) bool { return !plainInURL(r) })
	switch {
	case strings.Contains(text, "@"):
		return errors.New("remove the user name and the password before the @")
	case i < 0:
		return nil
	case text[i] == '?' || text[i] == '#':
		return fmt.Errorf("remove the %c and what follows it", text[i])
	case text[i] >= 0x80:
		return errors.New("write a host name with other letters than a to z in its form that begins with xn--, and a path without them")
	}
	return fmt.Errorf("remove the %q: only letters, digits and -._~:/[] may stand in it", text[i])
}

func plainInURL(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~:/[]", r)
}

func checkSite(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q: write https://home.example or https://home.example/notify", text)
	}
	if err := checkHost(u); err != nil {
		return err
	}
	for _, part := range strings.Split(u.Path, "/") {
		if part == "." || part == ".." || strings.Contains(u.Path, "//") || strings.ContainsAny(part, ":[]") {
			return fmt.Errorf("the path %q: write it as /notify or /apps/notify", u.Path)
		}
	}
	return nil
}

// hostName is a DNS name, or an IPv4 address. Networks of containers have names with an underscore.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

func checkHost(u *url.URL) error {
	name := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		if a, err := netip.ParseAddr(name); err != nil || !a.Is6() {
			return fmt.Errorf("%q is not an IPv6 address", name)
		}
	} else if !hostName.MatchString(name) {
		return fmt.Errorf("%q is not a host name: write home.example", u.Host)
	}
	return checkPort(u)
}

func checkPort(u *url.URL) error {
	port := u.Port()
	if port == "" && !strings.HasSuffix(u.Host, ":") {
		return nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q is not a port: write one from 1 to 65535, or none", port)
	}
	return nil
}
