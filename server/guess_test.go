package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/test/inprocess"
)

// guessed is a server behind a proxy, with an account that others guess at.
type guessed struct {
	t *testing.T
	s *server.Server
}

func newGuessed(t *testing.T) *guessed {
	t.Helper()
	d := dbtest.New(t)
	s := inprocess.New(t, d, server.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	inprocess.AddAdmin(t, d, s, "ann", "correct horse battery")
	return &guessed{t, s}
}

// signIn sends the form from an address, with a device cookie if there is one.
func (g *guessed) signIn(ctx context.Context, from, password, device string) *httptest.ResponseRecorder {
	form := url.Values{"email": {"ann@home.example"}, "password": {password}}
	r := httptest.NewRequestWithContext(ctx, "POST", "/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", from)
	if device != "" {
		r.AddCookie(&http.Cookie{Name: "notifer-device", Value: device})
	}
	rec := httptest.NewRecorder()
	g.s.ServeHTTP(rec, r)
	return rec
}

// attack tries wrong passwords, a millisecond's way from the server, from as many addresses as there are workers, until the test ends.
func (g *guessed) attack(workers int, address func(i int) string) {
	ctx, stop := context.WithCancel(context.Background())
	var all, begun sync.WaitGroup
	begun.Add(workers)
	for i := range workers {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if g.signIn(ctx, address(i), "wrong", ""); n == 0 {
					begun.Done()
				}
				<-time.After(time.Millisecond)
			}
		})
	}
	g.t.Cleanup(func() { stop(); all.Wait() })
	begun.Wait()
}

// device signs in undisturbed and returns the cookie that the browser keeps.
func (g *guessed) device(from string) string {
	g.t.Helper()
	for _, c := range g.signIn(g.t.Context(), from, "correct horse battery", "").Result().Cookies() {
		if c.Name == "notifer-device" {
			return c.Value
		}
	}
	g.t.Fatal("no device cookie")
	return ""
}

func (g *guessed) getsIn(from, device string) {
	g.t.Helper()
	begin := time.Now()
	rec := g.signIn(g.t.Context(), from, "correct horse battery", device)
	took := time.Since(begin)
	if rec.Code != 303 || took > 5*time.Second {
		g.t.Errorf("the right password: %d after %v, want 303 within 5 s", rec.Code, took)
	}
}

// TestNobodyIsLockedOut lets a right password in while 250 networks /64 of one /48 try wrong ones, and while another client at
// the same address does. What counts are the pauses that the server makes, by a clock that computing does not move: how the
// attempts share the processor is the subject of argon's own test.
func TestNobodyIsLockedOut(t *testing.T) {
	scene := func(name string, act func(g *guessed)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { act(newGuessed(t)) }) })
	}
	scene("from a whole /48", func(g *guessed) {
		g.attack(250, func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i) })
		for range 3 {
			g.getsIn("198.51.100.7", "")
		}
	})
	scene("from the same address", func(g *guessed) {
		device := g.device("198.51.100.7")
		g.attack(40, func(int) string { return "198.51.100.7" })
		for range 3 {
			g.getsIn("198.51.100.7", device)
		}
	})
	scene("from the same address, without a device cookie", func(g *guessed) {
		g.attack(8, func(int) string { return "198.51.100.7" })
		for range 40 { // the attempts that an address has are used up
			if g.signIn(g.t.Context(), "198.51.100.7", "wrong", "").Code == 429 {
				break
			}
		}
		for range 3 {
			g.getsIn("198.51.100.7", "")
		}
	})
	scene("from a page in the owner's browser", func(g *guessed) {
		for range 100 {
			r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(`{"email":"ann@home.example","password":"wrong"}`))
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("X-Forwarded-For", "198.51.100.7")
			rec := httptest.NewRecorder()
			if g.s.ServeHTTP(rec, r); rec.Code != 403 {
				g.t.Fatalf("a foreign page's sign-in = %d, want 403", rec.Code)
			}
		}
		g.getsIn("198.51.100.7", "")
	})
}

// TestADeviceCookieOpensNothing: it lets its bearer try, a few times, passwords of one account, and is one of ours.
func TestADeviceCookieOpensNothing(t *testing.T) {
	g := newGuessed(t)
	device := g.device("198.51.100.7")
	if g.s.Auth().DeviceAccount(device) == "" || g.s.Auth().DeviceAccount(device+"x") != "" || g.s.Auth().DeviceAccount("user_x.y.z") != "" {
		t.Error("a device cookie is not recognised, or a forged one is")
	}
	r := httptest.NewRequest("GET", "/auth/me", nil)
	r.AddCookie(&http.Cookie{Name: "notifer", Value: device})
	r.AddCookie(&http.Cookie{Name: "notifer-device", Value: device})
	rec := httptest.NewRecorder()
	if g.s.ServeHTTP(rec, r); rec.Code != 401 {
		t.Errorf("a device cookie instead of a session = %d, want 401", rec.Code)
	}
}
