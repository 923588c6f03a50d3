package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
)

// TestRepeatIsNotCounted: the figure of stored messages leaves out a publish that found its first one.
func TestRepeatIsNotCounted(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for range 3 {
		req, err := http.NewRequest("POST", h.url+"/ops-east", strings.NewReader("full"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.jwt)
		req.Header.Set("X-Idempotency-Key", "once")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	var figures bytes.Buffer
	h.s.WriteMetrics(&figures)
	_, rest, _ := strings.Cut(figures.String(), "\nnotifer_published_total ")
	if n, _, _ := strings.Cut(rest, "\n"); n != "1" {
		t.Errorf("notifer_published_total is %s after one message that was sent three times, want 1", n)
	}
}
