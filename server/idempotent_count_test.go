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
	if n := h.figure("notifer_published_total"); n != "1" {
		t.Errorf("notifer_published_total is %s after one message that was sent three times, want 1", n)
	}
}

// TestMessagesOfOnePayloadAreCounted: a payload that becomes several messages counts as several.
func TestMessagesOfOnePayloadAreCounted(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	rec := h.sent("POST", "/ops-east?token="+h.shaped("ops-east", "alertmanager", nil).Token,
		[]byte(`{"version":"4","groupKey":"g","status":"firing","receiver":"r","alerts":[
			{"status":"firing","fingerprint":"a","labels":{"alertname":"DiskFull"},"annotations":{"summary":"full"},"startsAt":"2026-01-02T03:04:05Z"},
			{"status":"firing","fingerprint":"b","labels":{"alertname":"DiskSlow"},"annotations":{"summary":"slow"},"startsAt":"2026-01-02T03:04:05Z"}]}`),
		"Content-Type", "application/json")
	if n := h.figure("notifer_published_total"); n != "2" {
		t.Errorf("notifer_published_total is %s after a payload of two alerts (%d %s), want 2", n, rec.Code, rec.Body)
	}
}

// figure is the value of a metric.
func (h *home) figure(name string) string {
	h.t.Helper()
	var figures bytes.Buffer
	h.s.WriteMetrics(&figures)
	_, rest, _ := strings.Cut(figures.String(), "\n"+name+" ")
	n, _, _ := strings.Cut(rest, "\n")
	return n
}
