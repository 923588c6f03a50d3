package web_test

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"notifer/static"
	"notifer/web"
)

var preview = flag.String("preview", "", "serve every view with made-up content on this address until interrupted")

// TestPreview lets a person look at the views: go test ./web -run Preview -preview 127.0.0.1:8123 -timeout 0
func TestPreview(t *testing.T) {
	if *preview == "" {
		t.Skip("asked for by -preview ADDRESS only")
	}
	l, err := net.Listen("tcp", *preview)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(http.Serve(l, http.HandlerFunc(show)))
}

func show(w http.ResponseWriter, r *http.Request) {
	if name, ok := strings.CutPrefix(r.URL.Path, "/static/"); ok && static.Serve(w, r, name) {
		return
	}
	if r.URL.Path == "/views" {
		for _, v := range views() {
			fmt.Fprintln(w, v.name)
		}
		return
	}
	for _, v := range views() {
		if r.URL.Path == "/view/"+v.name {
			v.env.Theme = r.URL.Query().Get("theme")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			web.Render(r.Context(), w, v.env, v.page)
			return
		}
	}
	http.NotFound(w, r)
}
