package server_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/test/inprocess"
)

// TestStreamsAreBounded refuses a stream too many before its first byte, and gives a place back when one ends.
func TestStreamsAreBounded(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for _, c := range []struct {
		name   string
		config server.Config
		key    string
		want   int
	}{
		{"in all", server.Config{Streams: 2, StreamsPerAddress: 9, StreamsPerKey: 9}, "owner *", 503},
		{"per address", server.Config{Streams: 9, StreamsPerAddress: 2, StreamsPerKey: 9}, "owner *", 429},
		{"per credential", server.Config{Streams: 9, StreamsPerAddress: 9, StreamsPerKey: 2}, "owner *", 429},
	} {
		h := inprocess.Start(t, w.d, c.config)
		one := &world{d: w.d, Server: h, secrets: w.secrets}
		with := func(r *http.Request) { r.Header.Set("X-Api-Key", w.secrets[c.key]) }
		first, second := one.listen(t, "sse", "t-private", with), one.listen(t, "ws", "t-private", with)
		if first == nil || second == nil {
			t.Fatalf("%s: the first two are refused", c.name)
		}
		r, _ := http.NewRequest("GET", h.URL+"/t-private/sse", nil)
		with(r)
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: the third = %d, want %d with Retry-After", c.name, res.StatusCode, c.want)
		}
		first.close()
		var third *stream
		eventually(t, c.name+": the place of an ended stream is free again", func() bool {
			third = one.listen(t, "sse", "t-private", with)
			return third != nil
		})
		third.close()
		second.close()
		h.Stop()
	}
}

// TestStreamsWithoutACredentialTakeNoPlaceOfOthers: those of an address or of all addresses are used up without a credential, and the
// owner beside them still opens streams.
func TestStreamsWithoutACredentialTakeNoPlaceOfOthers(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for name, c := range map[string]server.Config{"of the address": {Streams: 100, StreamsPerAddress: 3, StreamsPerKey: 3}, "of all": {Streams: 4, StreamsPerAddress: 100, StreamsPerKey: 100}} {
		h := inprocess.Start(t, w.d, c)
		one := &world{d: w.d, Server: h, secrets: w.secrets}
		for range 3 {
			if s := one.listen(t, "sse", "t-public", func(*http.Request) {}); s == nil {
				t.Fatalf("%s: one of the first three is refused", name)
			} else {
				defer s.close()
			}
		}
		if s := one.listen(t, "sse", "t-public", func(*http.Request) {}); s != nil {
			t.Errorf("%s: a fourth stream without a credential was opened", name)
		}
		s := one.listen(t, "sse", "t-private", func(r *http.Request) { r.Header.Set("X-Api-Key", w.secrets["owner *"]) })
		if s == nil {
			t.Fatalf("%s: the owner is refused", name)
		}
		s.close()
		h.Stop()
	}
}

// TestLogForging sends line breaks and escapes wherever a stranger's text could reach the log.
func TestLogForging(t *testing.T) {
	s, _, out := logging(t, "192.0.2.0/24")
	const forged = "x\nlevel=ERROR msg=forged ip=1.2.3.4\r\x1b[31m\u2028"
	for _, c := range []struct{ method, path string }{{"POST", "/some-topic"}, {"GET", "/some-topic/json"}, {"POST", "/auth/login"}, {"GET", "/api/keys"}, {"GET", "/healthz"}} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(`{"email":"x\nlevel=ERROR msg=forged","password":"y"}`))
		for _, name := range []string{"User-Agent", "X-Forwarded-For", "Referer", "X-Topic-Token", "X-Title", "Last-Event-Id", "X-Api-Key", "Authorization"} {
			if c.path != "/auth/login" || !strings.HasPrefix(name, "X-") && name != "Authorization" {
				r.Header[name] = []string{forged}
			}
		}
		r.URL.RawQuery = "token=x%0Alevel=ERROR"
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	for line := range strings.Lines(out.Take()) {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "msg=forged") && !strings.Contains(line, `\n`) || strings.ContainsAny(line, "\r\x1b\u2028") {
			t.Errorf("a forged line: %q", line)
		}
	}
}

// TestSetupHappensOnce: the code works once, also for two who hold it, and there is no account before it is used.
func TestSetupHappensOnce(t *testing.T) {
	d := dbtest.New(t)
	s := inprocess.New(t, d, server.Config{})
	code, err := auth.NewSetupCode(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	set := func(code, name string) int {
		r := httptest.NewRequest("POST", "/setup", strings.NewReader(`{"code":"`+code+`","email":"`+name+`@home.example","username":"`+name+`","password":"correct horse"}`))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec.Code
	}
	for _, wrong := range []string{"", "x", code[1:], code + "x", strings.ToLower(code)} {
		if got := set(wrong, "thief"); got != 401 {
			t.Errorf("the code %.4q... = %d, want 401", wrong, got)
		}
	}
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for _, name := range []string{"ada", "eve", "bob", "joe"} {
		all.Go(func() {
			got := set(code, name)
			mu.Lock()
			counts[got]++
			mu.Unlock()
		})
	}
	all.Wait()
	if users, err := d.Users(t.Context()); err != nil || len(users) != 1 || counts[201] != 1 || counts[401] != 3 {
		t.Errorf("%d accounts and the answers %v, want one and the others 401 (%v)", len(users), counts, err)
	}
	if got := set(code, "late"); got != 401 {
		t.Errorf("the used code = %d, want 401", got)
	}
	if _, err := auth.NewSetupCode(t.Context(), d); err == nil {
		t.Error("a new code is made although there is an account")
	}
}

// TestSetupIsLeftToTheAdmin: whoever registers before the setup link is used takes nothing from it.
func TestSetupIsLeftToTheAdmin(t *testing.T) {
	d := dbtest.New(t)
	s := inprocess.New(t, d, server.Config{Registration: true})
	code, err := auth.NewSetupCode(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	post := func(path, username string) int {
		r := httptest.NewRequest("POST", path, strings.NewReader(`{"code":"`+code+`","email":"`+username+`@home.example","username":"`+username+`","password":"correct horse"}`))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec.Code
	}
	for _, step := range []struct {
		path, username string
		want           int
	}{{"/auth/register", "eve", 201}, {"/setup", "eve", 409}, {"/setup", "ada", 201}, {"/setup", "joe", 401}} {
		if got := post(step.path, step.username); got != step.want {
			t.Errorf("%s as %s = %d, want %d", step.path, step.username, got, step.want)
		}
	}
	users, err := d.Users(t.Context())
	if err != nil || len(users) != 2 || !users[0].IsAdmin || users[1].IsAdmin {
		t.Errorf("accounts %+v, %v, want ada as admin and eve", users, err)
	}
}

// TestLookUpsAreByEquality: a pattern in a name or a token must not match another's. The topics of a limited key are patterns, of which
// the rules allow no more than a * (manage.CheckTopics).
func TestLookUpsAreByEquality(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../db/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	like := regexp.MustCompile(`(?i)\b(name|token|fingerprint|hash|email|username|public_id|id|sid_hash)\s+(like|glob|regexp)\b`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("t.name glob pattern.value"), nil)
		if m := like.Find(text); m != nil {
			t.Errorf("%s looks up by a pattern: %s", f, m)
		}
	}
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for _, path := range []string{"/t_private/json", "/t-p_ivate/json", "/t-%25/json", "/______________/json", "/api/topics/t_private"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("X-Api-Key", w.secrets["owner *"])
		if rec := w.serve(r); rec.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, rec.Code)
		}
	}
}

// TestReservedNames: no topic can take the place of a route, in any letter case.
func TestReservedNames(t *testing.T) {
	c := server.Config{BaseURL: &url.URL{Path: "/notify"}}
	m := manage.New(nil, nil, c.Rules())
	for _, route := range server.Routes() {
		p := route.Pattern
		_, path, _ := strings.Cut(p, " ")
		first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if first == "" || strings.HasPrefix(first, "{") {
			continue
		}
		for _, name := range []string{first, strings.ToUpper(first), strings.ToUpper(first[:1]) + first[1:]} {
			if m.CheckTopicName(name) == nil {
				t.Errorf("a topic could be called %q, which is the route %s", name, p)
			}
		}
	}
	for _, name := range []string{"api", "auth", "docs", "redoc", "sse", "topic", "topics", "login", "logout", "register", "setup", "settings", "account", "teams", "discover",
		"alerts", "dashboard", "static", "assets", "health", "healthz", "readyz", "metrics", "favicon", "robots", "openapi", "admin", "keys", "users", "messages", "topic_aaaaaaaaaaaaaaaa", "message", "stream", "version", "application", "client", "current", "user", "plugin", "devices", "push",
		"webhooks", "inbox", "notify"} {
		if m.CheckTopicName(name) == nil {
			t.Errorf("a topic could be called %q", name)
		}
	}
}
