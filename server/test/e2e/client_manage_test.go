package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// The first release of the shipped client ends when one of these is missing from the reply to a login.
func TestLoginReply(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	var reply struct {
		AccessToken  string  `json:"access_token"`
		RefreshToken string  `json:"refresh_token"`
		TokenType    string  `json:"token_type"`
		ExpiresIn    float64 `json:"expires_in"`
		User         map[string]any
	}
	login := map[string]string{"email": "ann@example.org", "password": run.Password}
	if code := p.JSON(t, "POST", "/auth/login", "", login, &reply); code != 200 {
		t.Fatalf("login = %d, want 200", code)
	}
	if reply.AccessToken == "" || reply.RefreshToken == "" || reply.TokenType != "bearer" || reply.ExpiresIn <= 0 {
		t.Errorf("login reply %+v", reply)
	}
	for _, name := range []string{"id", "email", "username", "subscription_tier"} {
		if text, _ := reply.User[name].(string); text == "" {
			t.Errorf("user.%s = %v, want text", name, reply.User[name])
		}
	}
	login["password"] = "something else"
	var refusal struct{ Detail string }
	if code := p.JSON(t, "POST", "/auth/login", "", login, &refusal); code != 401 || refusal.Detail == "" {
		t.Errorf("wrong password = %d %q, want 401 with a detail", code, refusal.Detail)
	}
	var next struct {
		AccessToken string `json:"access_token"`
	}
	if code := p.JSON(t, "POST", "/auth/refresh", "", map[string]string{"refresh_token": reply.RefreshToken}, &next); code != 200 || next.AccessToken == "" {
		t.Errorf("refresh = %d, want 200 with a new pair", code)
	}
}

// The client sends exactly these fields for `topics create NAME --private`, and is_discoverable true unless told otherwise.
func TestCLITopics(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	key := "X-API-Key: " + p.addKey(t, "*")
	res, body := call(t, "POST", p.URL+"/api/topics", `{"name":"ops-east","access_level":"private","is_discoverable":true}`, key, "Content-Type: application/json")
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("create = %d %s, want 201", res.StatusCode, body)
	}
	topic := object(t, body)
	if topic["name"] != "ops-east" || topic["access_level"] != "private" || topic["id"] == nil {
		t.Errorf("created %s", body)
	}
	other := p.AddUser(t, "ben")
	if res, body := call(t, "GET", p.URL+"/ops-east/json", "", "Authorization: Bearer "+other); res.StatusCode != 403 {
		t.Errorf("history of somebody's discoverable private topic = %d %s, want 403", res.StatusCode, body)
	}
	for _, path := range []string{"/api/topics?limit=50&offset=0", "/api/topics/my?limit=50&offset=0", "/api/topics?page=1&per_page=20"} {
		_, body := call(t, "GET", p.URL+path, "", key)
		var list []map[string]any
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 1 || list[0]["name"] != "ops-east" {
			t.Errorf("GET %s: %v %s, want an array with the topic", path, err, body)
		}
	}
	_, body = call(t, "GET", p.URL+"/api/topics/ops-east", "", key)
	if created, _ := object(t, body)["created_at"].(string); !strings.HasSuffix(created, "Z") {
		t.Errorf("created_at of %s, want text with Z", body)
	}
	for _, name := range []string{"message_count", "subscriber_count"} {
		if _, isNumber := object(t, body)[name].(float64); !isNumber {
			t.Errorf("%s = %v, want a number", name, object(t, body)[name])
		}
	}
	if res, body := call(t, "DELETE", p.URL+"/api/topics/"+topic["id"].(string), "", key); res.StatusCode != http.StatusNoContent {
		t.Errorf("delete by id = %d %s, want 204", res.StatusCode, body)
	}
}

// The client reads ["keys"], parses the reply to a revoke as JSON, and has no login: a key manages keys.
func TestCLIKeys(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	header := "X-API-Key: " + p.addKey(t, "*")
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	request := `{"name":"laptop","description":"mine","scopes":["publish"],"expires_at":"` + expires + `"}`
	res, body := call(t, "POST", p.URL+"/api/keys", request, header, "Content-Type: application/json")
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("create key = %d %s, want 201", res.StatusCode, body)
	}
	made := object(t, body)
	if key, _ := made["key"].(string); len(key) != len("noti_")+32 {
		t.Errorf("key %q, want noti_ and 32 characters", key)
	}
	_, body = call(t, "GET", p.URL+"/api/keys", "", header)
	var list struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Keys) != 2 {
		t.Fatalf("GET /api/keys: %v %s, want an object with two keys", err, body)
	}
	for _, key := range list.Keys {
		checkListedKey(t, key)
	}
	res, body = call(t, "POST", p.URL+"/api/keys/"+made["id"].(string)+"/revoke", "", header)
	if res.StatusCode != 200 || object(t, body)["is_active"] != false {
		t.Errorf("revoke = %d %s, want 200 and the key, not active", res.StatusCode, body)
	}
	if res, body := call(t, "DELETE", p.URL+"/api/keys/"+made["id"].(string), "", header); res.StatusCode >= 300 {
		t.Errorf("delete = %d %s", res.StatusCode, body)
	}
}

func checkListedKey(t *testing.T, key map[string]any) {
	t.Helper()
	if _, shown := key["key"]; shown {
		t.Errorf("the list shows the key: %v", key)
	}
	if _, present := key["last_used"]; !present {
		t.Errorf("no last_used in %v", key)
	}
	_, scopes := key["scopes"].([]any)
	_, active := key["is_active"].(bool)
	_, requests := key["request_count"].(float64)
	_, created := key["created_at"].(string)
	_, prefix := key["key_prefix"].(string)
	if !scopes || !active || !requests || !created || !prefix {
		t.Errorf("listed key %v lacks a field the client reads", key)
	}
}

// Both generations of the published request work and get the union of both replies.
func TestTokenSpellings(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	for level, permissions := range map[string]string{"write": `["publish"]`, "read": `["subscribe"]`, "read_write": `["publish","subscribe"]`} {
		var reply map[string]any
		code := p.JSON(t, "POST", "/api/topics/my-topic/access-tokens", p.jwt, map[string]string{"name": level, "access_level": level}, &reply)
		if code != 201 {
			t.Fatalf("create with access_level %s = %d, want 201", level, code)
		}
		if have, _ := json.Marshal(reply["permissions"]); string(have) != permissions || reply["access_level"] != level {
			t.Errorf("access_level %s gave %s and %v, want %s", level, have, reply["access_level"], permissions)
		}
		for _, name := range []string{"id", "topic_id", "user_id", "token", "token_prefix", "is_active", "created_at", "last_used", "last_used_at",
			"expires_at", "is_valid", "can_read", "can_write"} {
			if _, present := reply[name]; !present {
				t.Errorf("the reply has no %s", name)
			}
		}
	}
}
