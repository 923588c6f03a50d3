package server_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/test/inprocess"
)

// TestForeignHosts is DNS rebinding: a page that made its own name point here is "same origin", and gets nothing that
// anybody may not have. With a public address configured, its name does not count as ours.
func TestForeignHosts(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for path, want := range map[string]int{"/t-private/json": 401, "/t-public/json": 200, "/api/topics/t-private/access-tokens": 401, "/api/users": 401,
		"/setup": 401, "/api/keys": 401, "/topic/t-private": 401} {
		r := httptest.NewRequest("GET", path, nil)
		r.Host = "rebound.evil.example"
		r.Header.Set("Origin", "http://rebound.evil.example")
		if rec := w.serve(r); rec.Code != want {
			t.Errorf("GET %s = %d, want %d", path, rec.Code, want)
		}
	}
	base, _ := url.Parse("https://home.example/notify")
	s := inprocess.New(t, w.d, server.Config{BaseURL: base})
	for origin, want := range map[string]int{"http://rebound.evil.example": 403, "http://home.example": 403, "https://home.example": 200} {
		r := httptest.NewRequest("POST", "/notify/t-private", strings.NewReader("hello"))
		r.Host = "rebound.evil.example"
		r.Header.Set("Origin", origin)
		cookie(r, w.secrets["owner cookie"])
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("POST from %s = %d, want %d: %s", origin, rec.Code, want, rec.Body)
		}
	}
	r := httptest.NewRequest("POST", "/notify/api/sse/sessions", strings.NewReader(`{"topics":["t-private"]}`))
	r.Host = "rebound.evil.example"
	credentials["JWT of the owner"](w, "t-private", r)
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	if body := rec.Body.String(); rec.Code != 201 || strings.Contains(body, "evil") || !strings.Contains(body, "https://home.example/notify/") {
		t.Errorf("the link is made from the Host: %d %s", rec.Code, body)
	}
}

// TestCookieAttributes: host-only, out of reach of scripts, and with the prefix that binds it over TLS.
func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	signIn := func(secure bool, sent string) *http.Cookie {
		r := httptest.NewRequest("POST", "/login", strings.NewReader("email=owner%40home.example&password=correct+horse"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		if sent != "" {
			r.AddCookie(&http.Cookie{Name: "notifer", Value: sent})
		}
		res := w.serve(r).Result()
		io.Copy(io.Discard, res.Body)
		for _, c := range res.Cookies() {
			if strings.HasSuffix(c.Name, "notifer") {
				return c
			}
		}
		t.Fatalf("sign-in = %d and no cookie", res.StatusCode)
		return nil
	}
	plain, first := signIn(false, ""), signIn(true, "")
	if plain.Name != "notifer" || !plain.HttpOnly || plain.SameSite != http.SameSiteLaxMode || plain.Domain != "" || plain.Path != "/" {
		t.Errorf("over http: %v", plain)
	}
	if first.Name != "__Host-notifer" || !first.HttpOnly || !first.Secure || first.SameSite != http.SameSiteLaxMode || first.Domain != "" || first.Path != "/" {
		t.Errorf("over TLS: %v", first)
	}
	if again := signIn(false, "chosen-by-somebody-else"); again.Value == "chosen-by-somebody-else" || again.Value == plain.Value || len(again.Value) < 43 {
		t.Errorf("the session's id is not new at sign-in: %q", again.Value)
	}
	r := httptest.NewRequest("GET", "/api/keys", nil)
	r.TLS = &tls.ConnectionState{}
	r.AddCookie(&http.Cookie{Name: "notifer", Value: w.secrets["owner cookie"]})
	if rec := w.serve(r); rec.Code != 401 {
		t.Errorf("the plain name over TLS = %d, want 401: a sibling host could have set it", rec.Code)
	}
}

// TestDeadCookieIsCleared where a person looks at a page, and nothing else.
func TestDeadCookieIsCleared(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for _, c := range []struct {
		path, value string
		cleared     bool
	}{{"/", "ended", true}, {"/topic/t-public", "ended", true}, {"/docs", "ended", true}, {"/t-public/json", "ended", false},
		{"/", w.secrets["owner cookie"], false}, {"/", "", false}} {
		r := httptest.NewRequest("GET", c.path, nil)
		if c.value != "" {
			cookie(r, c.value)
		}
		got := w.serve(r).Header().Get("Set-Cookie")
		if cleared := strings.HasPrefix(got, "notifer=;") && strings.Contains(got, "Max-Age=0"); cleared != c.cleared {
			t.Errorf("GET %s with %.5q: Set-Cookie %q, want cleared %v", c.path, c.value, got, c.cleared)
		}
	}
}

// TestEveryPageHasThePolicy: every page forbids foreign content, frames, sniffing and caches, and other sites learn no
// address from it. (Without any referrer a browser would send "Origin: null" with our own forms.)
func TestEveryPageHasThePolicy(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for pattern, line := range readLines(t) {
		if !line.page || line.method != "GET" || strings.Contains(line.path, "export") {
			continue
		}
		fill := strings.NewReplacer("{topic}", "t-private", "{$}", "", "{id}", w.ids["t-private victim"], "{file}", "none.css", "{verb}", "delete", "{page}", "start")
		r := httptest.NewRequest("GET", fill.Replace(line.path), nil)
		cookie(r, w.secrets["root cookie"])
		rec := w.serve(r)
		h := rec.Header()
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if rec.Code != http.StatusSeeOther && !strings.Contains(policy, part) {
				t.Errorf("%s = %d: the policy lacks %q: %q", pattern, rec.Code, part, policy)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s = %d: %s %q, want %q", pattern, rec.Code, name, got, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(rec.Body.String(), "<script>") || strings.Contains(rec.Body.String(), " style=") {
			t.Errorf("%s: inline script or style, or a policy that allows it: %q", pattern, policy)
		}
	}
}

// TestPolicyAllowsThePublicURL: a page that was opened at another address may ask the server at its public URL, and no other.
func TestPolicyAllowsThePublicURL(t *testing.T) {
	for base, want := range map[string]string{"": "connect-src 'self';", "https://home.example/notify": "connect-src 'self' https://home.example;"} {
		c := server.Config{}
		if base != "" {
			u, err := url.Parse(base)
			if err != nil {
				t.Fatal(err)
			}
			c.BaseURL = u
		}
		rec := newHome(t, c).sent("GET", "/login", nil)
		if policy := rec.Header().Get("Content-Security-Policy"); rec.Code != http.StatusOK || !strings.Contains(policy, want) {
			t.Errorf("base_url %q: %d, policy %q, want %q", base, rec.Code, policy, want)
		}
	}
}

// TestHeadersOverTLS: over TLS at the usual port browsers are told to stay with it, and signing out clears what pages stored.
func TestHeadersOverTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, host string
		tls        bool
		hsts       string
	}{
		{"", "notify.example", true, "max-age=31536000"},
		{"", "notify.example:443", true, "max-age=31536000"},
		{"", "nas.lan:8443", true, ""},
		{"https://notify.example", "10.0.0.1:8443", true, "max-age=31536000"},
		{"https://nas.lan:8443", "nas.lan", true, ""},
		{"https://notify.example", "notify.example", false, ""},
		{"", "notify.example", false, ""},
	} {
		s := newSite(t, func(config *server.Config) {
			if c.base != "" {
				config.BaseURL, _ = url.Parse(c.base)
			}
		})
		r := httptest.NewRequest("GET", "/login", nil)
		r.Host = c.host
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		rec := httptest.NewRecorder()
		s.server.ServeHTTP(rec, r)
		if got := rec.Header().Get("Strict-Transport-Security"); got != c.hsts {
			t.Errorf("base_url %q, Host %q, TLS %v: Strict-Transport-Security = %q, want %q", c.base, c.host, c.tls, got, c.hsts)
		}
		r = httptest.NewRequest("POST", "/logout", nil)
		r.Host, r.TLS = c.host, map[bool]*tls.ConnectionState{true: {}}[c.tls]
		rec = httptest.NewRecorder()
		s.server.ServeHTTP(rec, r)
		if got := rec.Header().Get("Clear-Site-Data"); (got == `"cache", "storage"`) != c.tls {
			t.Errorf("TLS %v: signing out sends Clear-Site-Data %q", c.tls, got)
		}
	}
}
