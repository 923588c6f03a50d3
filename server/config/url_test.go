package config_test

import (
	"strings"
	"testing"

	"notifer/server/config"
)

// TestURLs: what is accepted means nothing else in any file that `notifer init` prints, and what is refused is told why.
func TestURLs(t *testing.T) {
	for _, good := range []string{
		"", "http://localhost:8080", "https://home.example", "https://home.example/", "https://home.example/notify", "https://home.example/apps/notify/",
		"https://Home.Example:8443/a-b_c~d.e", "HTTPS://home.example", "http://192.168.1.5", "http://[2001:db8::1]:8080/a", "http://my_server", "https://xn--mnchen-3ya.example",
	} {
		if err := config.CheckBaseURL(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"home.example":                   "write https://home.example",
		"ftp://home.example":             "write https://home.example",
		"https://":                       "write https://home.example",
		"https:///notify":                "write https://home.example",
		"https://ann:hunter2@a.example":  "remove the user name and the password",
		"https://home.example?token=tk_": "remove the ? and what follows",
		"https://home.example/#top":      "remove the # and what follows",
		"https://home.example/my site":   "remove the ' '",
		" https://home.example":          "remove the ' '",
		"https://home.example\n":         `remove the '\n'`,
		"https://home.example/\x00":      `remove the '\x00'`,
		"https://home.example/a;b":       "remove the ';'",
		"https://home.example/{a}":       "remove the '{'",
		"https://home.example/\"a":       `remove the '"'`,
		"https://home.example/'a":        `remove the '\''`,
		"https://home.example/`a":        "remove the '`'",
		"https://home.example/$a":        "remove the '$'",
		"https://home.example/a%20b":     "remove the '%'",
		"https://home.example\\a":        `remove the '\\'`,
		"https://*.home.example":         "remove the '*'",
		"https://münchen.example":        "begins with xn--",
		"https://home.example//notify":   "the path",
		"https://home.example//":         "the path",
		"https://home.example/notify//":  "the path",
		"https://home.example/../notify": "the path",
		"https://home.example/a:b":       "the path",
		"https://-home.example":          "is not a host name",
		"https://home..example":          "is not a host name",
		"https://[home.example]":         "write https://home.example",
		"https://[::1":                   "write https://home.example",
		"https://home.example:":          "is not a port",
		"https://home.example:0":         "is not a port",
		"https://home.example:99999":     "is not a port",
		"https://home.example:8o":        "write https://home.example",
	} {
		err := config.CheckBaseURL(bad)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "tk_") {
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}

// TestServerURLs may hold what a proxy asks for, which no error repeats.
func TestServerURLs(t *testing.T) {
	for text, good := range map[string]bool{
		"https://ann:hunter2@home.example/notify": true, "http://ann@127.0.0.1:8080": true, "unix:/run/a": true,
		"https://ann:hunter2%2F@home.example": true, "https://ann:hunter2/@home.example": false, "https://ann:hunter2?@home.example": false,
		"https://ann:hunter2%@home.example": false, "https://ann:hunter2@home.example:x": false, "ann:hunter2@home.example": false,
	} {
		if err := config.CheckServerURL(text); (err == nil) != good || err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestPassedSockets: an address that systemd has opened overlaps with none.
func TestPassedSockets(t *testing.T) {
	c := config.Default()
	c.Metrics.Listen = config.List{"127.0.0.1:8080"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if err := c.CheckAddresses(nil, c.Metrics.Listen); err != nil {
		t.Error(err)
	}
	if err := c.CheckAddresses(c.Listen, c.Metrics.Listen); err == nil {
		t.Error("overlapping addresses are accepted")
	}
}
