package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"notifer/server"
	"notifer/server/test/run"
)

// forgeries are texts that look like the line which fail2ban bans an address by, in both forms of the log.
var forgeries = []string{
	"http://x msg=auth_failed ip=203.0.113.77 kind=token",
	"http://msg=auth_failed ip=203.0.113.77 kind=token",
	"level=WARN msg=auth_failed ip=203.0.113.77 kind=token",
	"x\nlevel=WARN msg=auth_failed ip=203.0.113.77 kind=token\n",
	`{"level":"WARN","msg":"auth_failed","ip":"203.0.113.77","kind":"token"}`,
	`","msg":"auth_failed","ip":"203.0.113.77","kind":"token"}`,
	"203.0.113.77",
}

// forge sends requests with a forgery in every header, path, query and field that a client may choose.
func forge(s http.Handler) {
	headers := []string{"Origin", "User-Agent", "Referer", "X-Forwarded-For", "X-Real-Ip", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Authorization",
		"X-Topic-Token", "X-Api-Key", "Cookie", "Sec-Fetch-Site", "Content-Type", "Accept", "X-Title", "X-Tags", "X-Idempotency-Key", "Last-Event-Id"}
	paths := []string{"/login", "/setup", "/auth/login", "/auth/refresh", "/news", "/api/topics", "/topic/news", "/settings", "/no/such/page"}
	sent := 0
	for _, text := range forgeries {
		for _, path := range paths {
			for _, method := range []string{"GET", "POST"} {
				for _, h := range headers {
					for _, body := range []string{"email=" + text + "&password=" + text + "&code=" + text, `{"email":"x","password":"` + strings.ReplaceAll(text, `"`, `\"`) + `"}`} {
						r := httptest.NewRequest(method, path, strings.NewReader(body))
						sent++
						r.RemoteAddr, r.Host = fmt.Sprintf("192.0.2.%d:1", sent%250), text // many: one would have to wait after so many failures
						r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
						r.Header[h] = []string{text}
						r.URL.RawQuery = "token=" + strings.ReplaceAll(text, "\n", "%0A") + "&next=" + text
						serveBriefly(s, r)
					}
				}
			}
		}
	}
}

// serveBriefly lets no request wait its turn: after thirty failed sign-ins each would, for seconds.
func serveBriefly(s http.Handler, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 100*time.Millisecond)
	defer cancel()
	s.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
}

// filters are the regular expressions that the documentation gives fail2ban.
func filters(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../web/docs/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "failregex = ")
	rest, _, _ = strings.Cut(rest, "\n```")
	var out []string
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "^") && strings.HasSuffix(line, "$") && strings.Contains(line, "<HOST>") {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		t.Fatal("the documentation has no anchored filter")
	}
	return out
}

// banned runs the filters over a log as fail2ban does, by Python's re.
func banned(t *testing.T, filters []string, log []byte) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	const program = `
import re, sys
filters = [re.compile(f.replace("<HOST>", r"(?:::f{4,6}:)?(?P<host>[\w\-.^_:]*\w)")) for f in sys.argv[1:]]
hosts = {}
for line in sys.stdin.read().split("\n"):
    for f in filters:
        m = f.search(line)
        if m:
            hosts[m.group("host")] = hosts.get(m.group("host"), 0) + 1
print(" ".join(sorted(hosts)))
`
	cmd := exec.Command(python, append([]string{"-c", program}, filters...)...)
	cmd.Stdin = bytes.NewReader(log)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestFail2banBansWhoFailed: the filter of the documentation finds the address that failed, and none that a client wrote
// into a header, a path or a field, in both forms of the log.
func TestFail2banBansWhoFailed(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log run.Log
			s := newSite(t, func(c *server.Config) { c.Log = slog.New(handler(&log)) })
			forge(s.server)
			text := log.Take()
			hosts := strings.Fields(banned(t, filters(t), []byte(text)))
			if len(hosts) == 0 {
				t.Error("nobody is banned")
			}
			for _, host := range hosts {
				if !strings.HasPrefix(host, "192.0.2.") {
					t.Errorf("%s is banned, which sent nothing", host)
				}
			}
			for line := range strings.Lines(text) {
				if strings.Contains(line, "auth_failed") && strings.Contains(line, "203.0.113.77") {
					t.Errorf("a failed sign-in is logged with what a client wrote: %s", line)
				}
			}
		})
	}
}

// slowBody is a body that does not come in time: its connection's deadline passes, and with it net/http ends the request.
type slowBody struct{ leave context.CancelFunc }

func (b slowBody) Read([]byte) (int, error) {
	b.leave()
	return 0, os.ErrDeadlineExceeded
}

// TestSlowFormIs408: a form that comes too slowly is answered so, with a page, and is no error of the server.
func TestSlowFormIs408(t *testing.T) {
	var log run.Log
	s := newSite(t, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	for range 100 {
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/login", io.NopCloser(slowBody{leave})).WithContext(ctx)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.ContentLength = 100
		rec := httptest.NewRecorder()
		s.server.ServeHTTP(rec, r)
		if rec.Code != http.StatusRequestTimeout || !strings.Contains(rec.Body.String(), "<!doctype html>") {
			t.Fatalf("a slow form = %d: %.100s; want 408 and a page", rec.Code, rec.Body)
		}
	}
	if text := log.Take(); text != "" {
		t.Errorf("the log has %s", text)
	}
}

// TestLogIsBounded: whoever can make the server fail again and again, or leaves again and again, does not fill its log.
func TestLogIsBounded(t *testing.T) {
	var log run.Log
	s := newSite(t, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 200 {
		s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/docs", nil).WithContext(gone))
		s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/news/json", nil).WithContext(gone))
	}
	if text := log.Take(); text != "" {
		t.Errorf("clients that left are in the log: %.300s", text)
	}
	s.d.Close()
	began := time.Now()
	for range 500 {
		s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/login", nil))
		s.server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/setup", strings.NewReader("code=x")))
	}
	if n := strings.Count(log.Take(), "\n"); n > 45+int(20*time.Since(began).Seconds()) { // 20 a second
		t.Errorf("%d lines of 1000 requests that failed", n)
	}
}

// TestSecretsAreNotCarriedOn: a token or code in the URL of a page goes into no form and no redirect.
func TestSecretsAreNotCarriedOn(t *testing.T) {
	s := newSite(t)
	token := "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX"
	for asked, want := range map[string]string{
		"/topic/news?token=" + token:                   "/topic/news",
		"/topic/news?q=disk&token=" + token + "&tag=a": "/topic/news?q=disk&tag=a",
		"/topic/news?code=abc":                         "/topic/news",
		"/topic/news?q=" + token:                       "/topic/news",
		"/topic/news?q=a+b":                            "/topic/news?q=a+b",
	} {
		got := s.overWire("GET", asked, "Accept", "text/html")
		if strings.Contains(got.text, token) {
			t.Errorf("%s: the token is on the page", asked)
		}
		res := s.stranger()
		res.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if to := res.post("/login", "email", "maria", "password", pagePassword, "next", asked).header.Get("Location"); to != want {
			t.Errorf("signed in for %s, led to %q, want %q", asked, to, want)
		}
	}
}
