package origin_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"notifer/server/request/origin"
)

func TestSame(t *testing.T) {
	const public = "https://push.example/notify"
	for name, row := range map[string]struct {
		public, host, fetch, origin string
		want                        bool
	}{
		"a program":                         {"", "10.0.0.2:8080", "", "", true},
		"a program, public URL":             {public, "evil.example", "", "", true},
		"our page":                          {"", "10.0.0.2:8080", "", "http://10.0.0.2:8080", true},
		"our page, port of http":            {"", "notifer.lan", "", "http://notifer.lan:80", true},
		"our page, port of http in Host":    {"", "notifer.lan:80", "", "http://notifer.lan", true},
		"our page in capitals":              {"", "Notifer.LAN", "", "HTTP://notifer.lan", true},
		"another port":                      {"", "10.0.0.2:8080", "", "http://10.0.0.2:3000", false},
		"port of https over http":           {"", "notifer.lan", "", "http://notifer.lan:443", false},
		"a longer host":                     {"", "notifer.lan", "", "http://notifer.lan.evil.example", false},
		"a user before the host":            {"", "notifer.lan", "", "http://notifer.lan@evil.example", false},
		"no origin at all":                  {"", "notifer.lan", "", "null", false},
		"a file":                            {"", "notifer.lan", "", "file://", false},
		"what is not a URL":                 {"", "notifer.lan", "", "http://[", false},
		"public URL":                        {public, "10.0.0.2:8080", "", "https://push.example", true},
		"public URL with its port":          {public, "10.0.0.2:8080", "", "https://push.example:443", true},
		"public URL over plain HTTP":        {public, "push.example", "", "http://push.example", false},
		"the made-up host of a rebinding":   {public, "evil.example", "", "https://evil.example", false},
		"the browser says so":               {public, "push.example", "same-origin", "", true},
		"typed into the browser":            {public, "push.example", "none", "", true},
		"the browser says another site":     {"", "notifer.lan", "cross-site", "http://notifer.lan", false},
		"the browser says a sister":         {public, "push.example", "same-site", "https://push.example", false},
		"what no browser says":              {"", "notifer.lan", "perhaps", "", false},
		"the browser is believed over this": {public, "push.example", "same-origin", "https://evil.example", true},
	} {
		r := httptest.NewRequest("POST", "/ops", nil)
		r.Host = row.host
		if row.fetch != "" {
			r.Header.Set("Sec-Fetch-Site", row.fetch)
		}
		if row.origin != "" {
			r.Header.Set("Origin", row.origin)
		}
		var base *url.URL
		if row.public != "" {
			base, _ = url.Parse(row.public)
		}
		if got := origin.Same(r, base); got != row.want {
			t.Errorf("%s: Same = %v, want %v", name, got, row.want)
		}
	}
}

// A log line must not be made up by who sends the header.
func TestLoggable(t *testing.T) {
	for sent, want := range map[string]string{
		"": "", "null": "null", "https://evil.example": "https://evil.example", "http://[fe80::1]:8080": "http://[fe80::1]:8080",
		"https://u:p@evil.example/path?q#f": "https://evil.example", "HTTPS://Evil.example": "https://Evil.example",
		"javascript:alert(1)": "(unreadable)", "ftp://evil.example": "(unreadable)", "http://a b": "(unreadable)", "http://a\nlevel=ERROR": "(unreadable)",
		"http://evil.example%0aip=1.2.3.4": "(unreadable)", "http://ümlaut.example": "http://(unreadable)",
		"http://" + strings.Repeat("a", 256): "http://(unreadable)",
	} {
		if got := origin.Loggable(sent); got != want {
			t.Errorf("Loggable(%q) = %q, want %q", sent, got, want)
		}
	}
	for sent, want := range map[string]string{"notifer.lan:8080": "notifer.lan:8080", "[::1]:80": "[::1]:80", "": "", `a" ip="1.2.3.4`: "(unreadable)", "a b": "(unreadable)"} {
		if got := origin.LoggableHost(sent); got != want {
			t.Errorf("LoggableHost(%q) = %q, want %q", sent, got, want)
		}
	}
}
