package static_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"notifer/static"
)

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "br": false, "gzip": true, "br, GZIP": true, "gzip;q=0.5": true, "*": true, "br;q=1, *;q=0.1": true,
		"gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "gzip;q=0, *": false, "identity": false,
	} {
		if got := static.TakesGzip(accept); got != want {
			t.Errorf("TakesGzip(%q) = %v, want %v", accept, got, want)
		}
	}
}

func TestServe(t *testing.T) {
	address, err := url.Parse(static.URL("app.js"))
	if err != nil {
		t.Fatal(err)
	}
	tag := `"` + address.Query().Get("v") + `"`
	for name, row := range map[string]struct {
		target, header, value string
		status                int
		cache                 string
	}{
		"with its hash":       {address.String(), "", "", 200, "public, max-age=31536000, immutable"},
		"without one":         {address.Path, "", "", 200, "no-cache"},
		"with an old hash":    {address.Path + "?v=0123456789ab", "", "", 200, "no-cache"},
		"known":               {address.Path, "If-None-Match", tag, 304, "no-cache"},
		"known through nginx": {address.Path, "If-None-Match", "W/" + tag, 304, "no-cache"},
		"known in a list":     {address.Path, "If-None-Match", `"old", ` + tag, 304, "no-cache"},
		"another one known":   {address.Path, "If-None-Match", `"old"`, 200, "no-cache"},
	} {
		r := httptest.NewRequest("GET", row.target, nil)
		if row.header != "" {
			r.Header.Set(row.header, row.value)
		}
		w := httptest.NewRecorder()
		if !static.Serve(w, r, "app.js") || w.Code != row.status || w.Header().Get("Cache-Control") != row.cache || (w.Body.Len() > 0) != (row.status == 200) {
			t.Errorf("%s: %d, %q, %d bytes; want %d and %q", name, w.Code, w.Header().Get("Cache-Control"), w.Body.Len(), row.status, row.cache)
		}
	}
	if w := httptest.NewRecorder(); static.Serve(w, httptest.NewRequest("GET", "/static/nope.js", nil), "nope.js") || w.Body.Len() > 0 {
		t.Error("there is no nope.js, and it was served")
	}
}

// TestBundlesKeepScriptsApart: without a semicolon between them, a script that begins with a bracket would be an argument of the one before it.
func TestBundlesKeepScriptsApart(t *testing.T) {
	for _, name := range []string{"app.js", "feed.js", "tokens.js", "sw.js"} {
		w := httptest.NewRecorder()
		if !static.Serve(w, httptest.NewRequest("GET", "/static/"+name, nil), name) {
			t.Fatalf("there is no %s", name)
		}
		if body := w.Body.String(); strings.Contains(body, ")\n(") || !strings.HasSuffix(body, ";\n") {
			t.Errorf("%s has scripts that run into each other", name)
		}
	}
}
