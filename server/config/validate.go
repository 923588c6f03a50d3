package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"notifer/server/auth"
	"notifer/server/auth/networks"
)

// Validate checks the values and the declared users. The first fault is returned, as a UsageError with the key and its origin.
func (c *Config) Validate() error {
	checks := []struct {
		key string
		err error
	}{
		{"listen", checkListen(c.Listen)},
		{"listen", someAddress(c.Listen)},
		{"data_dir", notEmpty(c.DataDir)},
		{"base_url", CheckBaseURL(c.BaseURL)},
		{"trusted_proxies", checkNetworks(c.TrustedProxies)},
		{"log_level", oneOf(c.LogLevel, "debug", "info", "warn", "error")},
		{"log_format", oneOf(c.LogFormat, "auto", "text", "json")},
		{"tls.key", both(c.TLS.Cert, c.TLS.Key, "tls.cert")},
		{"acme.domains", c.checkACME()},
		{"acme.domains", checkDomains(c.ACME.Domains)},
		{"auth.argon2_memory", between(c.Auth.Argon2Memory, 8, 1<<20)},
		{"auth.argon2_time", between(c.Auth.Argon2Time, 1, 64)},
		{"auth.argon2_threads", between(c.Auth.Argon2Threads, 1, 64)},
		{"auth.access_ttl", positive(c.Auth.AccessTTL)},
		{"auth.refresh_ttl", positive(c.Auth.RefreshTTL)},
		{"auth.session_max", positive(c.Auth.SessionMax)},
		{"auth.reauth_after", positive(c.Auth.ReauthAfter)},
		{"auth.require_second_factor", oneOf(c.Auth.RequireSecondFactor, "nobody", "admins", "everyone")},
		{"limits.message_bytes", between(c.Limits.MessageBytes, 1, 16<<20)},
		{"limits.body_bytes", between(c.Limits.BodyBytes, 1, 128<<20)},
		{"limits.anonymous_per_minute", between(c.Limits.AnonymousPerMinute, 1, 1<<30)},
		{"limits.anonymous_reads_per_second", between(c.Limits.AnonymousReadsPerSecond, 0, 1<<20)},
		{"limits.in_flight_bytes", positive(c.Limits.InFlightBytes)},
		{"limits.topics_per_account", between(c.Limits.TopicsPerAccount, 0, 1<<30)},
		{"limits.keys_per_account", between(c.Limits.KeysPerAccount, 0, 1<<30)},
		{"limits.changes_per_day", between(c.Limits.ChangesPerDay, 0, 1<<30)},
		{"limits.streams", between(c.Limits.Streams, 1, 1<<30)},
		{"limits.streams_per_address", between(c.Limits.StreamsPerAddress, 1, 1<<30)},
		{"limits.streams_per_credential", between(c.Limits.StreamsPerCredential, 1, 1<<30)},
		{"limits.connections", between(c.Limits.Connections, 0, 1<<30)},
		{"limits.connections_per_address", between(c.Limits.ConnectionsPerAddress, 0, 1<<30)},
		{"tokens.default_expiry", withinLongest(c.Tokens.DefaultExpiry, c.Tokens.MaxExpiry)},
		{"tokens.max_per_topic", between(c.Tokens.MaxPerTopic, 1, 1<<30)},
		{"stream.heartbeat", positive(c.Stream.Heartbeat)},
		{"stream.write_timeout", positive(c.Stream.WriteTimeout)},
		{"push.hosts", checkPushHosts(c.Push.Hosts)},
		{"push.contact", checkContact(c.Push.Contact)},
		{"backup.keep", between(c.Backup.Keep, 1, 1<<20)},
		{"backup.every", positive(c.Backup.Every)},
		{"metrics.listen", checkListen(c.Metrics.Listen)},
		{"metrics.allow", checkNetworks(c.Metrics.Allow)},
		{"admin.email", c.checkAdmin()},
	}
	for _, k := range checks {
		if k.err != nil {
			return Usagef("notifer config example", "%s (%s): %v", k.key, c.origins[k.key], k.err)
		}
	}
	for _, s := range c.Settings() {
		if err := s.withinBounds(); err != nil {
			return Usagef("notifer config example", "%s (%s): %v", s.Key, c.origins[s.Key], err)
		}
	}
	return c.validateDeclared()
}

// checkPushHosts accepts host names, and origins of the operator's own push services.
func checkPushHosts(list List) error {
	for _, h := range list {
		text, origin := h, strings.Contains(h, "://")
		if !origin {
			text = "https://" + h
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" || !origin && u.Host != u.Hostname() || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is neither a host name nor http://host:port", h)
		}
	}
	return nil
}

// checkContact accepts the contacts that RFC 8292 allows: an email or an https URL.
func checkContact(text string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err == nil && u.Scheme == "https" && u.Host != "" {
		return nil
	}
	if _, err := mail.ParseAddress(text); err != nil || strings.ContainsAny(text, " <>:") {
		return fmt.Errorf("%q is neither an email nor an https URL", text)
	}
	return nil
}

func checkListen(list List) error {
	for _, a := range list {
		if path, ok := strings.CutPrefix(a, "unix:"); ok {
			if path == "" {
				return fmt.Errorf("%q does not name a socket: write unix:/run/notifer/notifer.sock", a)
			}
			continue
		}
		_, port, err := net.SplitHostPort(a)
		if err == nil {
			_, err = net.LookupPort("tcp", port)
		}
		if err != nil || port == "" {
			return fmt.Errorf("invalid address %q: write host:port, :8080 or unix:/path", a)
		}
	}
	return nil
}

func someAddress(list List) error {
	if len(list) == 0 {
		return errors.New("no address is given: write :8080")
	}
	return nil
}

func checkNetworks(list List) error {
	_, err := Networks(list)
	return err
}

// Networks reads a list of IP addresses and networks; an address becomes a network of one.
func Networks(list List) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		p, err := networks.ParseOne(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// checkDomains refuses what is not a host name, such as a URL: no authority issues a certificate for it.
func checkDomains(list List) error {
	for _, name := range list {
		if u, err := url.Parse("https://" + name); err != nil || u.Host != name || u.Port() != "" || !strings.Contains(name, ".") || net.ParseIP(name) != nil {
			return fmt.Errorf("%q is not a host name: write home.example", name)
		}
	}
	return nil
}

func notEmpty(text string) error {
	if text == "" {
		return errors.New("must not be empty: write ./data")
	}
	return nil
}

func oneOf(word string, words ...string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("%q is none of %s", word, strings.Join(words, ", "))
}

func both(a, b, other string) error {
	if (a == "") == (b == "") {
		return nil
	}
	return fmt.Errorf("must be set together with %s", other)
}

func between(n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%d is not between %d and %d", n, low, high)
	}
	return nil
}

func positive[T Duration | Size](n T) error {
	if n <= 0 {
		return errors.New("must be greater than 0")
	}
	return nil
}

// withinLongest refuses a default lifetime with which no token could be created.
func withinLongest(lifetime, longest Duration) error {
	if longest > 0 && lifetime > longest {
		return fmt.Errorf("%s is longer than tokens.max_expiry, %s", lifetime, longest)
	}
	return nil
}

func (c *Config) checkACME() error {
	if len(c.ACME.Domains) > 0 && c.TLS.Cert != "" {
		return errors.New("certificates come from files or from an authority: clear tls.cert or acme.domains")
	}
	return nil
}

func (c *Config) checkAdmin() error {
	if c.Admin.Email == "" {
		return nil
	}
	return checkAccount(c.Admin.Email, c.Admin.Username)
}

// checkAccount checks the email and the username of an account that is created at startup.
func checkAccount(email, username string) error {
	if username == "" {
		username = UsernameOf(email)
	}
	if err := auth.CheckAccount(email, strings.TrimSpace(username)); err != nil {
		return errors.New(RuleOf(err))
	}
	return nil
}

// validateDeclared checks the declared users. Package daemon checks topics and tokens, by the rules of manage.
func (c *Config) validateDeclared() error {
	for _, u := range c.Users {
		if err := checkAccount(u.Email, u.Username); err != nil {
			return c.DeclaredError("[[user]] %q: %v", u.Email, err)
		}
		if u.PasswordFile != "" && u.PasswordHash != "" {
			return c.DeclaredError("[[user]] %s: password_file and password_hash are both set", u.Email)
		}
	}
	return nil
}

// DeclaredError is a UsageError about a declaration in the file.
func (c *Config) DeclaredError(format string, args ...any) error {
	return Usagef("notifer config example", "%s: %s", c.path, fmt.Sprintf(format, args...))
}

// UsernameOf is the username of an account without one: the part of the email before the @, in lower case.
func UsernameOf(email string) string {
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	return name
}

// RuleOf is the text of an auth.ErrInvalid without its prefix: the rule that a value breaks.
func RuleOf(err error) string { return strings.TrimPrefix(err.Error(), auth.ErrInvalid.Error()+": ") }
