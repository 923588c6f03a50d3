package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
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

// TestARepeatShowsNoEditedTextToAPublisher: what a message says since it was edited is for those who may read the topic.
func TestARepeatShowsNoEditedTextToAPublisher(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	publisher := h.shaped("ops-east", "alertmanager", nil).Token
	both := h.shaped("ops-east", "alertmanager", map[string]any{"name": "both", "permissions": []string{"publish", "subscribe"}}).Token
	for token, reads := range map[string]bool{publisher: false, both: true} {
		send := func() (m api.Message) {
			t.Helper()
			rec := h.sent("POST", "/ops-east", []byte(`{"version":"4","groupKey":"g","status":"firing","receiver":"r","alerts":[{"status":"firing",`+
				`"fingerprint":"f","labels":{"alertname":"DiskFull"}}]}`), "Content-Type", "application/json", "X-Topic-Token", token, "X-Idempotency-Key", "once")
			if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || rec.Code != http.StatusOK {
				t.Fatalf("publish: %d %s", rec.Code, rec.Body)
			}
			return m
		}
		first := send()
		h.call("PATCH", "/api/ops-east/messages/"+first.ID, h.jwt, map[string]string{"message": "the pass phrase"}, 200, nil)
		want := first.Message
		if reads {
			want = "the pass phrase"
		}
		if again := send(); again.ID != first.ID || again.Message != want {
			t.Errorf("reads %v: the repeat was answered with %s %q, want %s %q", reads, again.ID, again.Message, first.ID, want)
		}
	}
}
