package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/shape"
)

// TestRepeatIsAnsweredAsTheFirst: who sends a body again that became several messages learns the same of them.
func TestRepeatIsAnsweredAsTheFirst(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	each := h.shaped("ops-east", shape.Custom, map[string]any{"template": map[string]any{"each": ".", "text": "{{.text}}"}}).Token
	send := func() string {
		rec := h.sent("POST", "/ops-east?token="+each, []byte(`[{"text":"one"},{"text":"two"},{"text":"three"}]`),
			"Content-Type", "application/json", "X-Idempotency-Key", "once")
		if rec.Code != http.StatusOK {
			t.Fatalf("publish: %d %s", rec.Code, rec.Body)
		}
		return rec.Body.String()
	}
	first := send()
	if strings.Count(first, `","`) < 2 || !strings.Contains(first, `"messages":["`) {
		t.Fatalf("the first publish was answered %s, want the ids of three messages", first)
	}
	h.call("POST", "/ops-east", h.jwt, "another in between", 200, nil)
	if again := send(); again != first {
		t.Errorf("the repeat was answered\n%s, the first publish\n%s", again, first)
	}
}

// TestRepeatOfWhatWasNewsIsAnsweredAsTheFirst: of a group of alerts only one was stored, which is no longer the news when the group is
// sent again.
func TestRepeatOfWhatWasNewsIsAnsweredAsTheFirst(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil).Token
	send := func(key string, alerts ...string) string {
		rec := h.sent("POST", "/ops-east?token="+token, []byte(`{"version":"4","groupKey":"g","status":"firing","receiver":"r","alerts":[`+
			strings.Join(alerts, ",")+`]}`), "Content-Type", "application/json", "X-Idempotency-Key", key)
		if rec.Code != http.StatusOK {
			t.Fatalf("publish: %d %s", rec.Code, rec.Body)
		}
		return rec.Body.String()
	}
	alert := func(name string) string {
		return `{"status":"firing","fingerprint":"` + name + `","labels":{"alertname":"` + name + `"},"startsAt":"2026-01-02T03:04:05Z"}`
	}
	send("first", alert("DiskFull"))
	clock.Set(time.Minute)
	group := []string{alert("DiskFull"), alert("FanSlow"), alert("LinkDown")}
	first := send("second", group...)
	for _, later := range []time.Duration{10 * time.Second, time.Minute} { // as long as a second Alertmanager may say the same, and longer
		clock.Set(time.Minute + later)
		if again := send("second", group...); again != first {
			t.Errorf("the repeat after %v was answered\n%s, the first publish\n%s", later, again, first)
		}
	}
}
