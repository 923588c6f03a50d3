package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"notifer/db"
	"notifer/server"
	"notifer/server/shape"
)

// TestACutIsSaidOfEveryMessage: a body of which the second message is too long is warned of, and refused by strict publishing.
func TestACutIsSaidOfEveryMessage(t *testing.T) {
	h := newHome(t, server.Config{MessageBytes: 500})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil).Token
	body := fmt.Sprintf(`{"version":"4","groupKey":"{}","status":"firing","receiver":"n","externalURL":"http://am","alerts":[
		{"status":"firing","labels":{"alertname":"A"},"annotations":{"description":"short"},"fingerprint":"f-a"},
		{"status":"firing","labels":{"alertname":"B"},"annotations":{"description":%q},"fingerprint":"f-b"},
		{"status":"firing","labels":{"alertname":"C"},"annotations":{"description":%[1]q},"fingerprint":"f-c"}]}`, strings.Repeat("long ", 200))
	if rec := h.sent("POST", "/ops-east?strict=1", []byte(body), "X-Topic-Token", token, "Content-Type", "application/json"); rec.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("strict: %d %s", rec.Code, rec.Body)
	}
	rec := h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "application/json")
	var m struct{ Messages, Warnings []string }
	if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || len(m.Messages) != 3 || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "cut to 500 bytes") {
		t.Errorf("%d %s, %v; want three messages and one warning", rec.Code, rec.Body, err)
	}
}

// TestHeadersOfAnyCharsetInATemplate: a header that is not UTF-8 is read as Latin-1, as in other fields, and every answer is UTF-8.
func TestHeadersOfAnyCharsetInATemplate(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", shape.Custom, map[string]any{"template": map[string]any{"title": `{{header "X-Room"}}`, "text": `{{"\xc3"}}{{.text}}`}}).Token
	rec := h.sent("POST", "/ops-east", []byte(`{"text":"warm"}`), "X-Topic-Token", token, "Content-Type", "application/json", "X-Room", "K\xfcche")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"title":"Küche"`) || !utf8.Valid(rec.Body.Bytes()) {
		t.Errorf("%d %q", rec.Code, rec.Body)
	}
	stored := h.sent("GET", "/ops-east/json", nil, "Authorization", "Bearer "+h.jwt)
	if !utf8.Valid(stored.Body.Bytes()) || !json.Valid(stored.Body.Bytes()) || !strings.Contains(stored.Body.String(), "warm") {
		t.Errorf("history: %q", stored.Body)
	}
}

// TestUnknownCharsets: whatever a sender calls the charset of a body, its text arrives.
func TestUnknownCharsets(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for _, name := range []string{"utf-16-le", "utf-16x", "utf-32-anything", "UTF_16", "unknown", "''", "utf-16;charset=utf-8"} {
		for _, body := range []string{"hi", "a text that is longer than what could be anything else"} {
			rec := h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "text/plain; charset="+name)
			if rec.Code != http.StatusOK {
				t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			}
		}
	}
}
