package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// fetched is an answer as it came over the wire.
type fetched struct {
	status int
	header http.Header
	wire   int
	text   string
}

// overWire asks for a path with headers, as pairs, and unpacks the answer.
func (s *site) overWire(method, path string, headers ...string) fetched {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity") // the transport does not unpack then
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	got := fetched{status: res.StatusCode, header: res.Header, wire: len(body), text: string(body)}
	if res.Header.Get("Content-Encoding") == "gzip" && method != http.MethodHead {
		r, err := gzip.NewReader(strings.NewReader(got.text))
		if err != nil {
			s.t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			s.t.Fatal(err)
		}
		got.text = string(plain)
	}
	return got
}

// TestPagesAreCompressed: HTML is sent compressed to browsers that take it, and nobody else.
func TestPagesAreCompressed(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "news").want(200)
	for _, path := range []string{"/", "/topic/news", "/topic/news/settings/tokens", "/settings/keys", "/admin", "/docs/api", "/no/such/page"} {
		plain, packed := s.overWire("GET", path, "Accept", "text/html"), s.overWire("GET", path, "Accept", "text/html", "Accept-Encoding", "br, gzip;q=0.8")
		if packed.header.Get("Content-Encoding") != "gzip" || plain.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: Content-Encoding %q and %q, want gzip where it is taken", path, packed.header.Get("Content-Encoding"), plain.header.Get("Content-Encoding"))
		}
		if !strings.Contains(plain.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: Vary = %q", path, plain.header.Get("Vary"))
		}
		if packed.wire*10 > plain.wire*6 {
			t.Errorf("%s: %d bytes of %d, want at most 60 %%", path, packed.wire, plain.wire)
		}
		t.Logf("%-30s %6d bytes, %6d compressed", path, plain.wire, packed.wire)
	}
	for _, refused := range []string{"gzip;q=0", "gzip; q=0.0, br", "*;q=0", "identity", "xgzip", ""} {
		if got := s.overWire("GET", "/", "Accept-Encoding", refused); got.header.Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %q got %s", refused, got.header.Get("Content-Encoding"))
		}
	}
	for _, taken := range []string{"gzip", "GZIP", "*", "deflate, gzip;q=0.001", "x-gzip, *;q=0.1"} {
		if got := s.overWire("GET", "/", "Accept-Encoding", taken); got.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q got %q, want gzip", taken, got.header.Get("Content-Encoding"))
		}
	}
	if got := s.overWire("HEAD", "/", "Accept-Encoding", "gzip"); got.wire != 0 || got.status != 200 {
		t.Errorf("HEAD / = %d with %d bytes", got.status, got.wire)
	}
}

// TestSecretsAreNotCompressed: the size of a compressed page would tell of a secret in it who can choose another part of
// the page (BREACH).
func TestSecretsAreNotCompressed(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "news", "access", "private").want(200)
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, form := range []struct{ path, body, secret string }{
		{"/topic/news/settings/tokens", "name=ci&permissions=publish", "tk_"},
		{"/settings/keys", "name=laptop&scopes=publish", "noti_"},
		{"/admin/users/" + userID(s, "tom") + "/reset", "", "New password for tom"},
	} {
		res, err := client.Post(s.url+form.path, "application/x-www-form-urlencoded", strings.NewReader(form.body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		page := res.Header.Get("Location")
		for _, unread := range [][]string{{"HEAD"}, {"GET", "Sec-Purpose", "prefetch;prerender"}, {"GET", "Sec-Fetch-Site", "cross-site"}, {"GET", "Sec-Fetch-Dest", "image"}, {"GET", "Sec-Fetch-Dest", "iframe"}} {
			got := s.overWire(unread[0], page, unread[1:]...)
			if strings.Contains(got.text, `id="secret"`) || strings.Contains(got.text, "already shown") {
				t.Errorf("%s %v: the secret was used up", page, unread)
			}
		}
		got := s.overWire("GET", page, "Accept-Encoding", "gzip")
		if got.status != 200 || !strings.Contains(got.text, form.secret) || !strings.Contains(got.text, `id="secret"`) {
			t.Errorf("%s: %d, the secret is not on the page", page, got.status)
		}
		if got.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: a page with a secret is compressed", page)
		}
		if again := s.overWire("GET", page); strings.Contains(again.text, `id="secret"`) {
			t.Errorf("%s: the secret is shown twice", page)
		}
	}
}

var assetURL = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)

// TestFirstVisit60kB: the first visit to a page, with all that it loads.
func TestFirstVisit60kB(t *testing.T) {
	t.Parallel()
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "news").want(200)
	for range 60 {
		s.send("/topic/news/messages", url.Values{"message": {"The disk of nas-2 is at 91 %, and will be full in *about* 4 days."}, "title": {"Disk space"}, "tags": {"disk, nas"}})
	}
	for _, path := range []string{"/login", "/", "/topic/news", "/topic/news/settings/tokens", "/topic/news/settings/tokens?new", "/settings", "/admin", "/docs", "/docs/api"} {
		reader := s
		if path == "/login" {
			reader = s.stranger()
		}
		page := reader.overWire("GET", path, "Accept-Encoding", "gzip")
		total, script := page.wire, 0
		for _, m := range assetURL.FindAllStringSubmatch(page.text, -1) {
			asset := s.overWire("GET", strings.ReplaceAll(m[1], "&amp;", "&"), "Accept-Encoding", "gzip")
			if total += asset.wire; strings.Contains(m[1], ".js") {
				script += asset.wire
			}
		}
		t.Logf("%-32s %6d bytes in all, %6d of script", path, total, script)
		if total > 60_000 || script > 25_000 {
			t.Errorf("%s: %d bytes, %d of script; want at most 60,000 and 25,000", path, total, script)
		}
	}
}
