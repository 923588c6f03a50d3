package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
)

// publishAllocs is what a publish with a token may allocate between net/http and the disk, the driver included.
const publishAllocs = 27

// discard is a reply that goes nowhere.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }

func TestPublishAllocatesLittle(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "script", "publish").Token
	const text = "disk nearly full"
	body := strings.NewReader(text)
	r, err := http.NewRequest("POST", h.url+"/ops-east", io.NopCloser(body))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header = http.Header{"X-Topic-Token": {token}, "Content-Type": {"text/plain"}}
	r.ContentLength = int64(len(text))
	w := discard{http.Header{}}
	got := testing.AllocsPerRun(200, func() {
		body.Reset(text)
		clear(w.header)
		h.s.ServeHTTP(w, r)
	})
	if w.header.Get("Content-Length") == "" || w.header.Get("WWW-Authenticate") != "" {
		t.Fatalf("the publish was not answered as one: %v", w.header)
	}
	t.Logf("%.0f allocations", got)
	if got > publishAllocs+poolMisses {
		t.Errorf("a publish allocates %.0f times, want %d at most", got, publishAllocs+poolMisses)
	}
}
