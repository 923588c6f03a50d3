package e2e_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"notifer/server/test/run"
)

var setupLink = regexp.MustCompile(`https?://[^\s"]+setup[^\s"]*`)

// An empty machine: serve makes its directory, says where it listens and prints the link, which makes one admin and then is gone.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	info, err := os.Stat(s.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data directory: %v %v, want mode 0700", info.Mode(), err)
	}
	// It answers before it says so.
	run.Until(t, "serve says that it listens on "+s.Addr+" and prints a setup link", func() bool {
		return strings.Contains(s.Log(), s.Addr) && setupLink.MatchString(s.Log())
	})
	again := setupLink.FindString(s.Admin(t, "setup-link"))
	if again == "" {
		t.Fatal("setup-link prints no link")
	}
	link, err := url.Parse(again)
	if err != nil {
		t.Fatal(err)
	}
	address := s.URL + link.RequestURI()
	if res, body := call(t, "GET", address, "", "Accept: text/html"); res.StatusCode != 200 || !strings.Contains(body, "<form") {
		t.Errorf("GET %s = %d %.300s, want a page with a form", link.RequestURI(), res.StatusCode, body)
	}
	form := url.Values{"email": {"ann@example.org"}, "username": {"ann"}, "password": {run.Password}}
	for name, values := range link.Query() {
		form[name] = values
	}
	res, body := call(t, "POST", address, form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	if res.StatusCode >= 400 {
		t.Fatalf("POST %s = %d %.300s", link.RequestURI(), res.StatusCode, body)
	}
	var login struct {
		AccessToken string `json:"access_token"`
	}
	code := s.JSON(t, "POST", "/auth/login", "", map[string]string{"email": "ann@example.org", "password": run.Password}, &login)
	if code != 200 {
		t.Fatalf("login of the first admin = %d, want 200", code)
	}
	if code := s.JSON(t, "GET", "/api/users", login.AccessToken, nil, nil); code != 200 {
		t.Errorf("the first user is no admin: GET /api/users = %d", code)
	}
	form.Set("email", "eve@example.org")
	form.Set("username", "eve")
	if res, _ := call(t, "POST", address, form.Encode(), "Content-Type: application/x-www-form-urlencoded"); res.StatusCode < 400 {
		t.Errorf("the link worked twice: %d", res.StatusCode)
	}
}
