package server_test

import (
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestKeysHandOutOnlyWhatTheyMay: an API key with topics:write makes and rotates tokens of its own scopes only, and opens a
// private topic only when it may subscribe, since its messages could be read then.
func TestKeysHandOutOnlyWhatTheyMay(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	const tokens = "/api/topics/ops-east/access-tokens"
	both := h.token("ops-east", "both", "publish", "subscribe")
	for _, scope := range []string{"publish", "subscribe"} {
		var key api.Key
		h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "manager " + scope, "scopes": []string{"topics:write", scope}}, 201, &key)
		for _, permission := range []string{"publish", "subscribe"} {
			want := 403
			if permission == scope {
				want = 201
			}
			var made api.Token
			body := map[string]any{"name": scope + " makes " + permission, "permissions": []string{permission}}
			h.call("POST", tokens, key.Key, body, want, &made)
			if want == 201 {
				h.call("POST", tokens+"/"+made.ID+"/rotate", key.Key, map[string]any{}, 200, nil)
			}
		}
		h.call("POST", tokens, key.Key, map[string]any{"name": "x", "permissions": []string{"publish", "subscribe"}}, 403, nil)
		h.call("POST", tokens+"/"+both.ID+"/rotate", key.Key, map[string]any{}, 403, nil)
		h.call("PATCH", "/api/topics/ops-east", key.Key, map[string]any{"description": "by " + scope}, 200, nil)
		opened := 403
		if scope == "subscribe" {
			opened = 200
		}
		for _, level := range []string{"protected", "public"} {
			h.call("PATCH", "/api/topics/ops-east", key.Key, map[string]any{"access_level": level}, opened, nil)
			h.call("PATCH", "/api/topics/ops-east", key.Key, map[string]any{"access_level": "private"}, 200, nil)
		}
	}
}

// TestListedTopicsShowNameAndDescriptionOnly to those who may not read them.
func TestListedTopicsShowNameAndDescriptionOnly(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.call("PATCH", "/api/topics/ops-east", h.jwt, map[string]any{"is_discoverable": true, "description": "the east wing"}, 200, nil)
	other := h.account("bob", false).AccessToken
	for _, path := range []string{"/api/topics", "/api/topics/public"} {
		var list []map[string]any
		h.call("GET", path, other, nil, 200, &list)
		if len(list) != 1 || list[0]["name"] != "ops-east" || list[0]["description"] != "the east wing" {
			t.Fatalf("GET %s = %v, want the listed topic with its description", path, list)
		}
		for _, field := range []string{"owner_id", "created_at", "last_message_at", "message_count", "subscriber_count", "retention_hours"} {
			if v, there := list[0][field]; there {
				t.Errorf("GET %s shows %s = %v to somebody else", path, field, v)
			}
		}
	}
}
