package server_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/test/inprocess"
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
	var log record
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
	if text := log.take(); strings.Contains(text, "auth_failed") {
		t.Errorf("there are lines about failed sign-ins: %s", text)
	}
	s.signIn("maria")
}

// TestOriginsBehindProxies: what browsers send through proxies as people set them up. The default of nginx passes no Host.
func TestOriginsBehindProxies(t *testing.T) {
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
		"/sse": false, "/": false, "/settings": false, "/topic/t-public": false, "/healthz": false, "/login": false} {
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
			if allowed := strings.ToLower(h.Get("Access-Control-Allow-Headers")); method == "OPTIONS" && open {
				for _, name := range []string{"x-topic-token", "x-api-key", "x-title", "x-priority", "x-tags", "content-type", "authorization"} {
					if !strings.Contains(allowed, name) {
						t.Errorf("%s %s does not allow %s: %q", method, path, name, allowed)
					}
				}
			}
		}
	}
}

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

// TestEveryPageHasThePolicy: every page forbids foreign content, frames, sniffing and caches, and other sites learn no
// address from it. (Without any referrer a browser would send "Origin: null" with our own forms.)
func TestEveryPageHasThePolicy(t *testing.T) {
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

// TestHeadersOverTLS: over TLS at the usual port browsers are told to stay with it, and signing out clears what pages stored.
func TestHeadersOverTLS(t *testing.T) {
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
