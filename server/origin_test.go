package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/test/run"
)

// from is how a browser tells where a request comes from.
type from struct{ site, origin string }

func (f from) put(r *http.Request) {
	if f.site != "" {
		r.Header.Set("Sec-Fetch-Site", f.site)
	}
	if f.origin != "" {
		r.Header.Set("Origin", f.origin)
	}
}

var (
	ours      = []from{{"same-origin", "http://example.com"}, {"", "http://example.com"}, {"none", ""}, {"", ""}, {"", "http://EXAMPLE.com"}}
	strangers = []from{{"cross-site", "https://evil.example"}, {"same-site", "http://sub.example.com"}, {"", "https://evil.example"}, {"", "null"},
		{"cross-site", ""}, {"", "http://example.com.evil.example"}, {"", "http://example.com:81"}, {"", "http://evil.example/example.com"},
		{"", "file://"}, {"", "example.com"}, {"nonsense", "http://example.com"}}
)

func (w *world) serve(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.Server.ServeHTTP(rec, r)
	return rec
}

// TestCrossSiteRequestForgery sends what changes something with the owner's cookie, from our pages and from others.
func TestCrossSiteRequestForgery(t *testing.T) {
	t.Parallel()
	base := buildWorld(t)
	w := base.copied(t)
	defer w.close(t)
	l := openLedger(t, w.dir)
	send := func(method, path, kind, body string, f from) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		cookie(r, w.secrets["owner cookie"])
		f.put(r)
		return w.serve(r)
	}
	const form, object, text = "application/x-www-form-urlencoded", "application/json", "text/plain"
	calls := []struct{ method, path, kind, body string }{
		{"POST", "/t-private", text, "hello"},
		{"PUT", "/t-public", text, "hello"},
		{"POST", "/t-public", form, "hello=there"},
		{"PATCH", "/api/topics/t-private", object, `{"access_level":"public"}`},
		{"POST", "/api/topics", form, `{"name":"by-forgery"}`},
		{"POST", "/api/topics/t-private/access-tokens", object, `{"name":"by forgery","permissions":["publish"]}`},
		{"POST", "/api/keys", text, `{"name":"by forgery"}`},
		{"POST", "/topics", form, "name=by-forgery&access=private"},
		{"POST", "/topic/t-private/messages", form, "message=hello"},
		{"POST", "/settings", form, "username=forged"},
		{"POST", "/auth/logout", object, "{}"},
		{"POST", "/logout", form, ""},
		{"DELETE", "/api/topics/t-private", object, ""},
	}
	for _, c := range calls {
		for _, f := range strangers {
			if rec := send(c.method, c.path, c.kind, c.body, f); rec.Code != http.StatusForbidden {
				t.Errorf("%s %s from %v = %d, want 403", c.method, c.path, f, rec.Code)
			}
		}
	}
	if changed := l.changed(t); len(changed) > 0 {
		t.Fatalf("forged requests changed %v", changed)
	}
	for _, f := range ours {
		if rec := send("POST", "/t-private", text, "hello", f); rec.Code != http.StatusOK {
			t.Errorf("POST /t-private from %v = %d, want 200", f, rec.Code)
		}
	}
	// Signing somebody in to another account is a forgery too, and needs no cookie.
	for _, path := range []string{"/login", "/register", "/setup", "/logout"} {
		for _, f := range strangers {
			r := httptest.NewRequest("POST", path, strings.NewReader("email=other%40home.example&password=correct+horse"))
			r.Header.Set("Content-Type", form)
			f.put(r)
			if rec := w.serve(r); rec.Code != http.StatusForbidden || len(rec.Header()["Set-Cookie"]) > 0 {
				t.Errorf("POST %s from %v = %d, cookies %q; want 403 and none", path, f, rec.Code, rec.Header()["Set-Cookie"])
			}
		}
	}
}

// TestForeignPagesUseUpNoAttempts: what a page of another site can make a browser send is refused before it counts as a wrong
// password or code of the address that the reader has.
func TestForeignPagesUseUpNoAttempts(t *testing.T) {
	var log run.Log
	s := newSite(t, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	send := func(method, path, kind, body string, f from) int {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		f.put(r)
		rec := httptest.NewRecorder()
		s.server.ServeHTTP(rec, r)
		return rec.Code
	}
	foreign := from{"cross-site", "https://evil.example"}
	for range 40 { // more than the burst of an address
		if got := send("GET", "/setup?code=x", "", "", foreign); got != http.StatusUnauthorized {
			t.Fatalf("GET /setup = %d, want 401", got)
		}
		if got := send("POST", "/setup", "application/x-www-form-urlencoded", "code=x&email=a@b.example&username=ann&password=horse+battery+9", from{}); got != http.StatusUnauthorized {
			t.Fatalf("POST /setup on a server that is set up = %d, want 401", got)
		}
		for _, path := range []string{"/auth/login", "/auth/refresh", "/login", "/auth/register?token=tk_x"} {
			for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", ""} {
				if got := send("POST", path, kind, `{"email":"maria","password":"wrong"}`, foreign); got != http.StatusForbidden {
					t.Fatalf("POST %s as %q from another site = %d, want 403", path, kind, got)
				}
			}
		}
	}
	if got := send("POST", "/auth/login", "application/x-www-form-urlencoded", `{"email":"maria","password":"wrong"}`, from{}); got != http.StatusUnsupportedMediaType {
		t.Errorf("POST /auth/login with the type of a form = %d, want 415", got)
	}
	if text := log.Take(); strings.Contains(text, "auth_failed") {
		t.Errorf("there are lines about failed sign-ins: %s", text)
	}
	s.signIn("maria")
}

// TestOriginsBehindProxies: what browsers send through proxies as people set them up. The default of nginx passes no Host.
func TestOriginsBehindProxies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, host string
		from
		cookie bool
		want   int
	}{
		{"http://nas.lan", "127.0.0.1:8080", from{"", "http://nas.lan"}, false, 303},
		{"http://nas.lan", "127.0.0.1:8080", from{"", "http://nas.lan:80"}, false, 303},
		{"http://nas.lan:80", "127.0.0.1:8080", from{"", "http://nas.lan"}, false, 303},
		{"https://nas.lan:443", "nas.lan", from{"", "https://nas.lan"}, false, 303},
		{"http://nas.lan", "127.0.0.1:8080", from{"", "null"}, false, 403}, // TestFormsProveWhoseTheyAre
		{"http://nas.lan", "127.0.0.1:8080", from{"", "null"}, true, 403},
		{"", "nas.lan:80", from{"", "http://nas.lan"}, false, 303},
		{"", "nas.lan", from{"", "http://nas.lan:80"}, false, 303},
		{"", "nas.lan:443", from{"", "https://nas.lan"}, false, 303},
		{"", "127.0.0.1:8080", from{"", "null"}, false, 403},
		{"http://nas.lan", "nas.lan", from{"cross-site", "null"}, false, 403},
		{"http://nas.lan", "nas.lan", from{"same-site", "null"}, false, 403},
		{"http://nas.lan", "nas.lan", from{"", "http://nas.lan:8081"}, false, 403},
		{"http://nas.lan", "nas.lan", from{"", "https://nas.lan"}, false, 403},
		{"http://nas.lan", "evil.example", from{"", "http://evil.example"}, false, 403},
		{"", "nas.lan", from{"", "https://nas.lan:80"}, false, 403},
		{"", "nas.lan", from{"", "http://evil.example"}, false, 403},
	} {
		s := newSite(t, func(config *server.Config) {
			if c.base != "" {
				config.BaseURL, _ = url.Parse(c.base)
			}
		})
		r := httptest.NewRequest("POST", "/login", strings.NewReader(url.Values{"email": {"maria"}, "password": {pagePassword}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Host = c.host
		c.put(r)
		if c.cookie {
			r.AddCookie(&http.Cookie{Name: "notifer", Value: "x"})
		}
		rec := httptest.NewRecorder()
		if s.server.ServeHTTP(rec, r); rec.Code != c.want {
			t.Errorf("POST /login at base_url %q, Host %q, from %v = %d, want %d", c.base, c.host, c.from, rec.Code, c.want)
		}
	}
}

// TestFormsProveWhoseTheyAre: a browser that names no origin over plain HTTP, as some proxies and settings make it, signs in with the form
// that it was given; the same form without its cookie, or with another's field, is a stranger's.
func TestFormsProveWhoseTheyAre(t *testing.T) {
	for _, base := range []string{"", "http://nas.lan", "http://nas.lan/notifer"} {
		s := newSite(t, func(config *server.Config) {
			if base != "" {
				config.BaseURL, _ = url.Parse(base)
			}
		})
		get := func(cookies ...*http.Cookie) (*http.Cookie, string) {
			r := httptest.NewRequest("GET", "/login", nil)
			for _, c := range cookies {
				r.AddCookie(c)
			}
			rec := httptest.NewRecorder()
			s.server.ServeHTTP(rec, r)
			found := regexp.MustCompile(`name="proof" value="([^"]{22})"`).FindStringSubmatch(rec.Body.String())
			if found == nil {
				t.Fatalf("%q: the page has no proof", base)
			}
			for _, c := range rec.Result().Cookies() {
				if c.Name == "notifer-form" {
					if c.Value != found[1] || c.SameSite != http.SameSiteLaxMode || !c.HttpOnly {
						t.Errorf("%q: cookie %+v of the proof %s", base, c, found[1])
					}
					return c, found[1]
				}
			}
			return nil, found[1]
		}
		post := func(kind, body string, cookies ...*http.Cookie) int {
			r := httptest.NewRequest("POST", "/login", strings.NewReader(body))
			r.Host = "127.0.0.1:8080" // as the default of nginx sends it
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Origin", "null")
			for _, c := range cookies {
				r.AddCookie(c)
			}
			rec := httptest.NewRecorder()
			s.server.ServeHTTP(rec, r)
			return rec.Code
		}
		const form = "application/x-www-form-urlencoded"
		fields := url.Values{"email": {"maria"}, "password": {pagePassword}}.Encode()
		mine, proof := get()
		other, _ := get()
		if again, same := get(mine); again != nil || same != proof {
			t.Errorf("%q: a second tab has the proof %s, want that of the first", base, same)
		}
		session := &http.Cookie{Name: "notifer", Value: "x"}
		for name, got := range map[string][2]int{
			"the form with its cookie":     {post(form, fields+"&proof="+proof, mine), 303},
			"without the cookie":           {post(form, fields+"&proof="+proof), 403},
			"without the field":            {post(form, fields, mine), 403},
			"with another's cookie":        {post(form, fields+"&proof="+proof, other), 403},
			"empty, both":                  {post(form, fields+"&proof=", &http.Cookie{Name: "notifer-form"}), 403},
			"as JSON":                      {post("application/json", `{"proof":"`+proof+`"}`, mine), 403},
			"with a session that it rides": {post(form, fields+"&proof="+proof, mine, session), 403},
			"too large":                    {post(form, fields+"&proof="+proof+"&x="+strings.Repeat("x", 9<<10), mine), 413},
			"too large, without a cookie":  {post(form, fields+"&x="+strings.Repeat("x", 9<<10)), 403},
			"unreadable":                   {post(form, "%", mine), 400},
		} {
			if got[0] != got[1] {
				t.Errorf("%q: %s = %d, want %d", base, name, got[0], got[1])
			}
		}
	}
	r := httptest.NewRequest("GET", "/login", nil)
	r.Header.Set("Sec-Fetch-Site", "none")
	rec := httptest.NewRecorder()
	newSite(t).server.ServeHTTP(rec, r)
	if strings.Contains(rec.Body.String(), "proof") || len(rec.Header()["Set-Cookie"]) > 0 {
		t.Error("a browser that says where forms come from gets a proof all the same")
	}
}

// TestReadingChangesNothing sends every GET of the table and compares the store.
func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	l := openLedger(t, w.dir)
	for pattern, line := range readLines(t) {
		if line.method != "GET" || strings.HasSuffix(line.path, "/ws") || strings.HasSuffix(line.path, "sse") {
			continue
		}
		fill := strings.NewReplacer("{topic}", "t-private", "{$}", "", "{id}", w.ids["t-private victim"], "{file}", "app.css", "{verb}", "delete", "{page}", "start")
		for _, method := range []string{"GET", "HEAD"} {
			r := httptest.NewRequest(method, fill.Replace(line.path)+"?delete=1&revoke=1&confirm=yes", nil)
			cookie(r, w.secrets["root cookie"])
			w.serve(r)
		}
		changed := l.changed(t)
		for _, table := range changed {
			if table != "visit" || !strings.HasPrefix(line.path, "/topic/") { // where the reader has read to
				t.Errorf("%s changed %v", pattern, changed)
			}
		}
	}
}

// TestWebSocketOrigin: a cookie counts from our own pages only, a token from anywhere.
func TestWebSocketOrigin(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	host := strings.TrimPrefix(w.URL, "http://")
	connect := func(f from, credential func(*http.Request)) int {
		r, err := http.NewRequest("GET", w.URL+"/t-private/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		f.put(r)
		upgrade(r)
		credential(r)
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	withCookie := func(r *http.Request) { cookie(r, w.secrets["owner cookie"]) }
	withToken := func(r *http.Request) { r.Header.Set("X-Topic-Token", w.secrets["t-private subscribe"]) }
	for _, f := range strangers {
		if got := connect(f, withCookie); got != http.StatusForbidden {
			t.Errorf("cookie from %v = %d, want 403", f, got)
		}
		if got := connect(f, withToken); got != http.StatusSwitchingProtocols {
			t.Errorf("token from %v = %d, want 101", f, got)
		}
	}
	for _, f := range []from{{"same-origin", "http://" + host}, {"", "http://" + host}, {"", ""}} {
		if got := connect(f, withCookie); got != http.StatusSwitchingProtocols {
			t.Errorf("cookie from %v = %d, want 101", f, got)
		}
	}
}

// TestCrossOriginResourceSharing: topic routes answer any page, never with its cookies; the API answers none.
func TestCrossOriginResourceSharing(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for path, open := range map[string]bool{"/t-public": true, "/t-public/json": true, "/t-private/sse": true, "/api/topics": false, "/auth/login": false,
		"/sse": true, "/": false, "/settings": false, "/topic/t-public": false, "/healthz": false, "/login": false} {
		for _, method := range []string{"OPTIONS", "GET"} {
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", "x-topic-token,x-title,content-type")
			h := w.serve(r).Header()
			if got := h.Get("Access-Control-Allow-Origin"); (got == "*") != open || !open && got != "" {
				t.Errorf("%s %s: Access-Control-Allow-Origin %q, want it open: %v", method, path, got, open)
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s allows credentials", method, path)
			}
			if allowed := strings.Split(strings.ToLower(h.Get("Access-Control-Allow-Headers")), ", "); method == "OPTIONS" && open {
				for _, name := range []string{"x-topic-token", "x-api-key", "x-title", "x-priority", "x-tags", "content-type", "authorization", "prio", "md", "action", "x-alert-key", "x-delay", "email"} {
					if !slices.Contains(allowed, name) {
						t.Errorf("%s %s does not allow %s: %q", method, path, name, allowed)
					}
				}
			}
		}
	}
}

// TestHandshakeThatIsNotWhole is refused as JSON, like everything else.
func TestHandshakeThatIsNotWhole(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for _, c := range []struct {
		key   string
		minor int
	}{{"", 1}, {"short", 1}, {"AAAA", 1}, {"dGhlIHNhbXBsZSBub25jZQ==", 0}} {
		r := httptest.NewRequest("GET", "/t-public/ws", nil)
		r.ProtoMinor = c.minor
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": c.key} {
			r.Header.Set(name, value)
		}
		if rec := w.serve(r); rec.Code != 400 || !strings.Contains(rec.Body.String(), `{"detail":`) {
			t.Errorf("key %q over HTTP/1.%d = %d %s, want 400 as JSON", c.key, c.minor, rec.Code, rec.Body)
		}
	}
}

// TestWhereSigningInLeads accepts paths of this site only.
func TestWhereSigningInLeads(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for next, want := range map[string]string{
		"/topic/t-private": "/topic/t-private", "/": "/", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "javascript:alert(1)": "/", " //evil.example": "/", "///evil.example": "/", "/\x00/evil.example": "/",
		"http:evil.example": "/", "/..//evil.example": "", "/%09/evil.example": "",
		"/topic/t-private?token=tk_revoked": "/topic/t-private", "/topic/t-private?TOKEN=x&Code=y&q=z": "/topic/t-private?q=z", "/topic/t-private?%74oken=x": "/topic/t-private",
		"/topic/t-private?q=tk_mistyped": "/topic/t-private", "/topic/t-private?q=my+noti_mistyped": "/topic/t-private", "/topic/t-private#tk_x": "/topic/t-private",
	} {
		r := httptest.NewRequest("POST", "/login", strings.NewReader(url.Values{"email": {"owner@home.example"}, "password": {worldPassword}, "next": {next}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := w.serve(r)
		got := rec.Header().Get("Location")
		if rec.Code != http.StatusSeeOther || want != "" && got != want || strings.HasPrefix(got, "//") || !strings.HasPrefix(got, "/") || strings.ContainsAny(got, "\\\t\r\n") {
			t.Errorf("next=%q leads to %q (%d), want %q", next, got, rec.Code, want)
		}
	}
}
