package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server"
)

// TestOnlyTheTableIsReachable asks every path of the table by every method that has no row there, and paths that other
// servers answer by default: no handler may be behind them.
func TestOnlyTheTableIsReachable(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	methods := map[string][]string{}
	for _, route := range server.Routes() {
		p := route.Pattern
		method, path, _ := strings.Cut(p, " ")
		methods[path] = append(methods[path], method)
	}
	fill := strings.NewReplacer("{topic}", "t-private", "{$}", "", "{file}", "app.css", "{page}", "start", "{verb}", "delete", "{id}", "x")
	// By other methods these are topics and devices, and those that end in /tokens/events are a token: the matrix has them.
	shadowed := []string{"/api/topics/my", "/api/topics/public", "/devices/read", "/devices/renew", "/devices/offline"}
	for path, known := range methods {
		for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} {
			if slices.Contains(known, m) || slices.Contains(shadowed, path) || strings.HasSuffix(path, "/tokens/events") {
				continue
			}
			res := answer(t, w, m, fill.Replace(path))
			if asFile := path == "/{topic}/{file}" || m == http.MethodPut && strings.HasPrefix(path, "/{topic}/"); asFile { // PUT alone publishes there
				if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s %s = %d, want 404, or 401 where a file may be sent", m, path, res.StatusCode)
				}
				continue
			}
			if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") == "" {
				t.Errorf("%s %s = %d, Allow %q; want 405 and the methods allowed", m, path, res.StatusCode, res.Header.Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/vars", "/metrics", "/api", "/api/", "/api/debug", "/api/topics/t-private/",
		"/swagger", "/.env", "/.git/config", "/server-status", "/static/", "/static/../notifer.db", "/admin/backup", "/notifer.db"} {
		res := answer(t, w, "GET", path)
		if res.StatusCode == http.StatusPermanentRedirect && res.Header.Get("Location") == strings.TrimSuffix(path, "/") {
			continue // no handler has seen it
		}
		if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s = %d, want 404", path, res.StatusCode)
		}
	}
}

func answer(t *testing.T, w *world, method, path string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, w.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// TestHandlersAreRegisteredByTheTableOnly reads the source: a handler given to a mux anywhere but in route() would be
// reachable without an action.
func TestHandlersAreRegisteredByTheTableOnly(t *testing.T) {
	registers := regexp.MustCompile(`(?i:mux|app|topic)\.Handle(Func)?\(|http\.Handle(Func)?\(|ListenAndServe|http\.DefaultServeMux|net/http/pprof|expvar`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			if !registers.MatchString(l) {
				continue
			}
			if found++; name != "routes.go" {
				t.Errorf("%s registers a handler beside the table: %s", name, strings.TrimSpace(l))
			}
		}
	}
	if found == 0 {
		t.Error("no handler is registered at all: has route() moved?")
	}
}
