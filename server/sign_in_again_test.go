package server_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/run"
)

// cookieOf is the session cookie that a browser holds.
func (b *browser) cookieOf() string {
	b.t.Helper()
	at, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == "notifer" {
			return c.Value
		}
	}
	b.t.Fatal("the browser has no session cookie")
	return ""
}

// status asks for a path with a cookie that somebody has copied.
func (h *home) statusWith(path, cookie string) int {
	h.t.Helper()
	r, err := http.NewRequest("GET", h.url+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "notifer", Value: cookie})
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestSigningInAgainEndsTheSessionBefore: a browser has one session. Signing in again, as the same account or another, by a
// password, a registration or the code of a pairing, ends the one before, with its streams; a refused sign-in ends none, and
// neither does one in another browser or by the API.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	h := newHome(t, server.Config{Registration: true})
	h.user("bob")
	h.topic("ops-east", db.Private)
	b, elsewhere := h.browser(), h.browser()
	signIn := func(b *browser, name, password string) string {
		b.post("/login", "email", name, "password", password)
		return b.cookieOf()
	}
	other := signIn(elsewhere, "ann", pagePassword)
	first := signIn(b, "ann", pagePassword)
	if again := signIn(b, "ann", "not it at all"); again != first || h.statusWith("/auth/me", first) != 200 {
		t.Fatal("a refused sign-in has ended the session")
	}
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "ann", Password: pagePassword}, 200, nil)

	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", h.url+"/ops-east/sse", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "notifer", Value: first})
	stream, err := streaming.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()

	ways := []struct {
		name string
		do   func()
	}{
		{"the same account", func() { signIn(b, "ann", pagePassword) }},
		{"another account", func() { signIn(b, "bob", pagePassword) }},
		{"a registration", func() {
			b.post("/register", "email", "tom@home.example", "username", "tom", "password", pagePassword)
		}},
		{"a pairing", func() { b.post("/devices/join", "code", elsewhere.offer("name", "kitchen", "topic", "ops-east")) }},
		{"a pairing after a pairing", func() { b.post("/devices/join", "code", elsewhere.offer("name", "hall", "topic", "ops-east")) }},
		{"an account after a pairing", func() { signIn(b, "ann", pagePassword) }},
	}
	for _, way := range ways {
		before := b.cookieOf()
		way.do()
		if b.cookieOf() == before {
			t.Errorf("%s: the browser kept its cookie", way.name)
		}
		if got := h.statusWith("/inbox", before); got != 401 {
			t.Errorf("%s: the session before answers %d, want 401", way.name, got)
		}
		if got := h.statusWith("/inbox", b.cookieOf()); got == 401 {
			t.Errorf("%s: the new session answers %d", way.name, got)
		}
	}
	if got := h.statusWith("/auth/me", other); got != 200 {
		t.Errorf("the session of another browser answers %d, want 200", got)
	}
	buffer := make([]byte, 1024)
	for err == nil { // until the server closes it, long before the test would
		_, err = stream.Body.Read(buffer)
	}
	if ctx.Err() != nil {
		t.Error("the stream of the session before is still open")
	}
	var keys api.Keys
	h.call("GET", "/api/keys", h.jwt, nil, 200, &keys)
	for _, k := range keys.Keys {
		if k.Paired && k.IsActive {
			t.Errorf("the key of %s is live, and no browser has its session", k.Name)
		}
	}
}
