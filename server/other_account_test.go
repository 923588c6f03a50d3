package server_test

import (
	"net/http"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
)

// TestAnotherAccountLiftsNoLimit: an API key beside the access token of another account is refused, so the limits of the key hold.
func TestAnotherAccountLiftsNoLimit(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.publish("ops-east", "a secret")
	mallory := h.user("mallory").AccessToken
	key := h.key("manager", "topics:write")
	both := func(status int, method, path, body string, headers ...string) string {
		t.Helper()
		rec := h.sent(method, path, []byte(body), append(headers, "X-API-Key", key, "Content-Type", "application/json")...)
		if rec.Code != status {
			t.Errorf("%s %s = %d %s, want %d", method, path, rec.Code, rec.Body, status)
		}
		return rec.Body.String()
	}
	const make = `{"name":"reader","permissions":["subscribe"]}`
	other := []string{"Authorization", "Bearer " + mallory}
	refused := both(400, "POST", "/api/topics/ops-east/access-tokens", make, other...)
	if !strings.Contains(refused, "the API key and the access token belong to different accounts: send one") {
		t.Errorf("the refusal says %s", refused)
	}
	both(400, "PATCH", "/api/topics/ops-east", `{"access_level":"public"}`, other...)
	both(400, "GET", "/topic/ops-east/settings/export", "", other...)
	both(400, "GET", "/api/topics/my", "", other...)
	both(403, "POST", "/api/topics/ops-east/access-tokens", make)
	both(201, "POST", "/api/topics/ops-east/access-tokens", make, "Authorization", "Bearer "+h.jwt) // one account: its session may
}

// TestChangesAnswerOnlyWhatMayBeRead: an API key that may change a message or a topic, and not read it, does not read it in the answer.
func TestChangesAnswerOnlyWhatMayBeRead(t *testing.T) {
	h := newHome(t, server.Config{})
	for _, level := range []string{db.Private, db.Public} {
		name := "ops-" + level
		h.topic(name, level)
		m := h.publish(name, "a secret")
		path := "/api/" + name + "/messages/" + m.ID
		for _, row := range []struct {
			scopes          []string
			message, counts bool
		}{
			{[]string{"topics:write"}, false, level == db.Public},
			{[]string{"topics:write", "topics:read"}, false, true},
			{[]string{"topics:write", "subscribe"}, true, level == db.Public},
			{[]string{"*"}, true, true},
		} {
			key := h.key("manager", row.scopes...)
			rec := h.sent("PATCH", path, []byte("{}"), "X-API-Key", key, "Content-Type", "application/json")
			if want := http.StatusNoContent; !row.message && (rec.Code != want || rec.Body.Len() > 0) {
				t.Errorf("%v changes a message of %s: %d %s, want %d alone", row.scopes, name, rec.Code, rec.Body, want)
			}
			if row.message && (rec.Code != 200 || !strings.Contains(rec.Body.String(), "a secret")) {
				t.Errorf("%v changes a message of %s: %d %s, want the message", row.scopes, name, rec.Code, rec.Body)
			}
			rec = h.sent("PATCH", "/api/topics/"+name, []byte(`{"icon_color":"blue"}`), "X-API-Key", key, "Content-Type", "application/json")
			if got := strings.Contains(rec.Body.String(), "message_count"); rec.Code != 200 || got != row.counts || !strings.Contains(rec.Body.String(), name) {
				t.Errorf("%v changes %s: %d %s, want 200, with counts %v", row.scopes, name, rec.Code, rec.Body, row.counts)
			}
		}
		h.call("PATCH", path, h.key("manager", "topics:write"), map[string]any{"message": "changed"}, 204, nil)
		h.call("GET", "/api/topics/"+name+"/messages/"+m.ID, h.jwt, nil, 200, &m)
		if m.Message != "changed" {
			t.Errorf("the message of %s is %q", name, m.Message)
		}
	}
}
