package server_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

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
	other := h.user("bob").AccessToken
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

// TestLimitedKeyListsItsTopicsOnly: lists and searches of a limited key hold what it reaches, by name and by pattern, and what
// anybody may see.
func TestLimitedKeyListsItsTopicsOnly(t *testing.T) {
	h := newHome(t, server.Config{})
	for _, name := range []string{"backup-nas", "backup-web", "door", "diary"} {
		h.topic(name, db.Private)
		h.call("POST", "/"+name, h.jwt, map[string]any{"message": "in " + name}, 200, nil)
	}
	h.topic("weather", db.Public)
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "phone", "scopes": []string{"subscribe", "topics:read"}, "topics": []string{"door", "backup-*"}}, 201, &key)
	names := func(path string) string {
		var list []api.Topic
		h.call("GET", path, key.Key, nil, 200, &list)
		var out []string
		for _, t := range list {
			out = append(out, t.Name)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	if got := names("/api/topics/my"); got != "backup-nas backup-web door" {
		t.Errorf("own topics of a limited key = %s", got)
	}
	if got := names("/api/topics"); got != "backup-nas backup-web door weather" {
		t.Errorf("visible topics of a limited key = %s", got)
	}
	var found struct{ Messages []api.Message }
	h.call("GET", "/api/messages", key.Key, nil, 200, &found)
	for _, m := range found.Messages {
		if m.Topic == "diary" {
			t.Errorf("a search by a limited key finds %q", m.Message)
		}
	}
	if len(found.Messages) != 3 {
		t.Errorf("a search by a limited key finds %d messages, want 3", len(found.Messages))
	}
	h.call("POST", "/api/keys", key.Key, map[string]any{"name": "more", "scopes": []string{"subscribe"}, "topics": []string{"door"}}, 403, nil)
}

// TestStreamsFollowTheTopicsOfAKey: a stream over many topics ends at once when its key loses one of them, and another of the
// key's goes on.
func TestStreamsFollowTheTopicsOfAKey(t *testing.T) {
	h := newHome(t, server.Config{})
	for _, name := range []string{"door", "bell", "diary"} {
		h.topic(name, db.Private)
	}
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "phone", "scopes": []string{"subscribe"}, "topics": []string{"door", "b*"}}, 201, &key)
	h.call("GET", "/sse?topics=door,bell,diary", key.Key, nil, 404, nil)
	h.jwt, key.Key = key.Key, h.jwt // streams are opened with the key
	both, _ := h.stream("/sse?topics=door,bell", "")
	one, _ := h.stream("/bell/sse", "")
	h.jwt, key.Key = key.Key, h.jwt
	h.publish("door", "ring")
	if got := h.next(both).Message; got != "ring" {
		t.Fatalf("the stream over both topics got %q", got)
	}
	began := time.Now()
	h.call("PATCH", "/api/keys/"+key.ID, h.jwt, map[string]any{"topics": []string{"bell"}}, 200, nil)
	h.publish("door", "secret")
	if rest, err := io.ReadAll(both); err != nil || strings.Contains(string(rest), "secret") || h.late(began) {
		t.Errorf("after the key lost a topic its stream got %q %v within %s", rest, err, time.Since(began))
	}
	h.publish("bell", "again")
	if got := h.next(one).Message; got != "again" {
		t.Errorf("the stream of the topic that the key kept got %q", got)
	}
	began = time.Now()
	h.call("POST", "/api/keys/"+key.ID+"/revoke", h.jwt, map[string]any{}, 200, nil)
	if _, err := io.ReadAll(one); err != nil || h.late(began) {
		t.Errorf("the stream of a revoked key ended within %s: %v", time.Since(began), err)
	}
}
