package server_test

import (
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth/secrets"
	"notifer/server/test/inprocess"
	"notifer/server/test/run"
)

// logging is a server whose log the test reads, behind a proxy that it trusts.
func logging(t testing.TB, proxies ...string) (*server.Server, *db.DB, *run.Log) {
	t.Helper()
	d, out := dbtest.New(t), &run.Log{}
	c := server.Config{Log: slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, p := range proxies {
		c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
	}
	return inprocess.New(t, d, c), d, out
}

var failedLine = regexp.MustCompile(`msg=auth_failed ip=(\S+) kind=(\w+)`)

// fail signs in with a wrong password and returns the address that the log names.
func fail(t testing.TB, s *server.Server, out *run.Log, peer string, forwarded ...string) string {
	t.Helper()
	out.Take()
	r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(`{"email":"nobody@home.example","password":"wrong"}`))
	r.RemoteAddr = peer
	r.Header["X-Forwarded-For"] = forwarded
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	m := failedLine.FindStringSubmatch(out.Take())
	if m == nil || m[2] != "password" {
		t.Fatalf("sign-in = %d and no line for fail2ban", rec.Code)
	}
	return m[1]
}

// TestForwardedAddress believes the header from trusted proxies only, and of it the rightmost address that is none.
func TestForwardedAddress(t *testing.T) {
	s, _, out := logging(t, "10.0.0.0/8", "fd00::/8")
	for _, c := range []struct {
		peer, want string
		forwarded  []string
	}{
		{"192.0.2.1:5", "192.0.2.1", []string{"198.51.100.7"}},
		{"192.0.2.1:5", "192.0.2.1", nil},
		{"10.0.0.1:5", "10.0.0.1", nil},
		{"10.0.0.1:5", "198.51.100.7", []string{"198.51.100.7"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"127.0.0.1, 203.0.113.9, 198.51.100.7"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"127.0.0.1", "198.51.100.7, 10.0.0.9"}},
		{"10.0.0.1:5", "10.0.0.7", []string{"10.0.0.7, 10.0.0.9"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"198.51.100.7:4711"}},
		{"10.0.0.1:5", "2001:db8::1", []string{"[2001:db8::1]:4711"}},
		{"10.0.0.1:5", "2001:db8::1", []string{"2001:db8::1"}},
		{"10.0.0.1:5", "198.51.100.7", []string{"::ffff:198.51.100.7"}},
		{"10.0.0.1:5", "10.0.0.1", []string{"198.51.100.7, unknown"}},
		{"10.0.0.1:5", "10.0.0.1", []string{"' or 1=1 --"}},
		{"10.0.0.1:5", "10.0.0.1", []string{"198.51.100.7\nmsg=auth_failed ip=1.2.3.4"}},
		{"[fd00::1]:5", "fe80::1", []string{"fe80::1%eth0"}},
	} {
		if got := fail(t, s, out, c.peer, c.forwarded...); got != c.want {
			t.Errorf("from %s with %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

// FuzzForwardedFor: whatever a client writes, the address is one that a trusted hop has seen, or the hop's own.
func FuzzForwardedFor(f *testing.F) {
	s, _, out := logging(f, "10.0.0.0/8")
	for _, v := range []string{"", "198.51.100.7", "127.0.0.1, 198.51.100.7, 10.0.0.9", ",,,", "[::1]:80", "unknown", "fe80::1%eth0", "1.2.3.4\r\nx", strings.Repeat("10.0.0.1,", 500)} {
		f.Add(v)
	}
	line := regexp.MustCompile(`msg=request .* ip=(\S+)`)
	f.Fuzz(func(t *testing.T, v string) {
		out.Take()
		r := httptest.NewRequest("GET", "/healthz", nil)
		r.RemoteAddr = "10.0.0.1:5"
		r.Header["X-Forwarded-For"] = []string{v}
		s.ServeHTTP(httptest.NewRecorder(), r)
		m := line.FindStringSubmatch(out.Take())
		if m == nil {
			t.Fatal("no line about the request")
		}
		got, err := netip.ParseAddr(m[1])
		if err != nil || got.Zone() != "" {
			t.Fatalf("%q: %v %v", v, got, err)
		}
		if inside := netip.MustParsePrefix("10.0.0.0/8").Contains(got); !inside && !strings.Contains(strings.ToLower(v), strings.Split(got.String(), ":")[0]) && !got.Is6() {
			t.Errorf("%q: %s stands nowhere in it", v, got)
		}
	})
}

// TestDeniedAccessIsLogged: whoever is known and asks for what is not theirs leaves a line with ids, a few for each credential.
func TestDeniedAccessIsLogged(t *testing.T) {
	var out run.Log
	h := newHome(t, server.Config{Log: slog.New(slog.NewTextHandler(&out, nil))})
	h.topic("ops-east", db.Private)
	bob := h.user("bob")
	token := h.token("ops-east", "sender", "publish")
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "script", Scopes: []string{"publish"}}, 201, &key)
	for _, c := range []struct {
		method, path, bearer string
		status               int
		want                 string
	}{
		{"GET", "/api/users", bob.AccessToken, 403, "user=" + bob.User.ID + ` via="" route="GET /api/users"`},
		{"GET", "/ops-east/json", bob.AccessToken, 404, "user=" + bob.User.ID + ` via="" route="GET /{topic}/json"`},
		{"GET", "/ops-east/json", token.Token, 403, `user="" via=` + token.ID + ` route="GET /{topic}/json"`},
		{"DELETE", "/api/topics/ops-east", key.Key, 403, "via=" + key.ID + ` route="DELETE /api/topics/{topic}"`},
		{"GET", "/no-such-topic/json", bob.AccessToken, 404, ""},
		{"GET", "/ops-east/json", "", 401, ""},
	} {
		out.Take()
		h.call(c.method, c.path, c.bearer, nil, c.status, nil)
		if line := out.Take(); c.want == "" && strings.Contains(line, "access_denied") || !strings.Contains(line, c.want) || strings.Contains(line, token.Token) || strings.Contains(line, key.Key) {
			t.Errorf("%s %s: the log says %q, want %q", c.method, c.path, line, c.want)
		}
	}
	out.Take()
	for range 200 {
		h.call("GET", "/api/users", bob.AccessToken, nil, 403, nil)
	}
	if n := strings.Count(out.Take(), "access_denied"); n < 1 || n > 10 {
		t.Errorf("200 refusals write %d lines", n)
	}
}

// TestWrongCredentialsAreLogged gives fail2ban one line per try, at a bounded rate, and never the secret.
func TestWrongCredentialsAreLogged(t *testing.T) {
	s, _, out := logging(t)
	secret := secrets.NewToken()
	try := func(name, value string) string {
		r := httptest.NewRequest("POST", "/some-topic?x=1", strings.NewReader("hello"))
		r.Header.Set(name, value)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code != 401 {
			t.Fatalf("%s = %d, want 401", name, rec.Code)
		}
		return out.Take()
	}
	for _, foreign := range []string{"Bearer eyJ.eyJ.x", "Basic b3duZXI6cGFzcw=="} { // a proxy's, and no try with ours
		if text := try("Authorization", foreign); failedLine.MatchString(text) {
			t.Errorf("%s: %q, want no line of a wrong credential", foreign, text)
		}
	}
	for _, c := range [][3]string{{"X-Topic-Token", secret, "token"}, {"X-Topic-Token", "tk_short", "token"}, {"X-API-Key", secrets.NewKey(), "key"},
		{"Authorization", "Bearer " + secret, "token"}} {
		text := try(c[0], c[1])
		m := failedLine.FindStringSubmatch(text)
		if m == nil || m[1] != "192.0.2.1" || m[2] != c[2] {
			t.Errorf("%s: %q, want a line with ip=192.0.2.1 kind=%s", c[0], text, c[2])
		}
		if strings.Contains(text, c[1]) {
			t.Errorf("the log holds the secret: %s", text)
		}
	}
	for range 1000 {
		try("X-Topic-Token", secret)
	}
	began := time.Now()
	for range 100 {
		try("X-Topic-Token", secret)
	}
	if lines := strings.Count(try("X-Topic-Token", secret), "auth_failed"); lines > 1 || time.Since(began) > 10*time.Second {
		t.Errorf("%d lines for one try after many", lines)
	}
}

// TestThrottleNeverLocksOut: an address that has failed many times is told 429, and the right password still gets in.
func TestThrottleNeverLocksOut(t *testing.T) {
	s, d, _ := logging(t)
	inprocess.AddAdmin(t, d, s, "ada", "correct horse")
	signIn := func(peer, password string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(`{"email":"ada@home.example","password":"`+password+`"}`))
		r.RemoteAddr = peer
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec
	}
	counts := map[int]int{}
	for i := range 31 {
		counts[signIn([]string{"[2001:db8::1]:5", "[2001:db8::2:3]:5"}[i%2], "wrong").Code]++
	}
	last := signIn("[2001:db8::9]:5", "wrong") // one /64
	if counts[401] < 29 || last.Code != 429 || last.Header().Get("Retry-After") == "" {
		t.Errorf("%v, then %d with Retry-After %q; want 401 thirty times, then 429", counts, last.Code, last.Header().Get("Retry-After"))
	}
	if rec := signIn("[2001:db8::1]:5", "correct horse"); rec.Code != 200 {
		t.Errorf("the right password = %d, want 200", rec.Code)
	}
	if rec := signIn("[2001:db8:0:1::1]:5", "wrong"); rec.Code != 401 {
		t.Errorf("another /64 = %d, want 401", rec.Code)
	}
	r := httptest.NewRequest("POST", "/some-topic", nil)
	r.RemoteAddr = "[2001:db8::1]:5"
	r.Header.Set("X-Topic-Token", secrets.NewToken())
	rec := httptest.NewRecorder()
	if s.ServeHTTP(rec, r); rec.Code != 401 {
		t.Errorf("a wrong token from there = %d, want 401: only passwords, codes and refresh tokens are throttled", rec.Code)
	}
}
