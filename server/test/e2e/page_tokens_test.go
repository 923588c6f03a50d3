package e2e_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// tokenText is the form of every token: the prefix and length of the page, our alphabet.
var tokenText = regexp.MustCompile(`^tk_[0-9A-Za-z]{43}$`)

func TestPageCreate(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	status, body := p.block(t, "create.sh")
	if status != 201 {
		t.Fatalf("create = %d %s, want 201", status, body)
	}
	got := object(t, body)
	for key, shown := range object(t, p.text(t, "response.json")) {
		value, present := got[key]
		switch {
		case !present:
			t.Errorf("the reply has no %q: %s", key, body)
		case key == "id" || key == "token" || key == "created_at":
			continue
		default:
			want, _ := json.Marshal(shown)
			if have, _ := json.Marshal(value); string(have) != string(want) {
				t.Errorf("%s = %s, want %s", key, have, want)
			}
		}
	}
	if id, _ := got["id"].(string); !strings.HasPrefix(id, "token_") {
		t.Errorf("id = %q, want token_...", id)
	}
	if token, _ := got["token"].(string); !tokenText.MatchString(token) {
		t.Errorf("token = %q, want %s", token, tokenText)
	}
	created, _ := got["created_at"].(string)
	when, err := time.Parse(time.RFC3339, created)
	if err != nil || !strings.HasSuffix(created, "Z") || time.Since(when) > time.Minute {
		t.Errorf("created_at = %q, want now as RFC 3339 with Z", created)
	}
}

func TestPagePermissions(t *testing.T) {
	t.Parallel()
	p := newPage(t, "deployments", "events", "monitoring")
	for _, c := range []struct {
		block, topic       string
		permissions        string
		publish, subscribe int
	}{
		{"create-publish.sh", "deployments", `["publish"]`, 200, 403},
		{"create-subscribe.sh", "events", `["subscribe"]`, 403, 200},
		{"create-both.sh", "monitoring", `["publish","subscribe"]`, 200, 200},
	} {
		status, body := p.block(t, c.block)
		if status != 201 {
			t.Fatalf("%s = %d %s, want 201", c.block, status, body)
		}
		reply := object(t, body)
		if have, _ := json.Marshal(reply["permissions"]); string(have) != c.permissions {
			t.Errorf("%s: permissions %s, want %s", c.block, have, c.permissions)
		}
		header := "X-Topic-Token: " + reply["token"].(string)
		for _, method := range []string{"POST", "PUT"} {
			if res, text := call(t, method, p.URL+"/"+c.topic, "hello", header); res.StatusCode != c.publish {
				t.Errorf("%s with %s = %d %s, want %d", method, c.permissions, res.StatusCode, text, c.publish)
			}
		}
		if res, text := call(t, "GET", p.URL+"/"+c.topic+"/json", "", header); res.StatusCode != c.subscribe {
			t.Errorf("history with %s = %d %s, want %d", c.permissions, res.StatusCode, text, c.subscribe)
		}
	}
}

// listed returns the only token of my-topic as the list shows it.
func (p *page) listed(t *testing.T) map[string]any {
	t.Helper()
	status, body := p.block(t, "list.sh")
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); status != 200 || err != nil || len(list) != 1 {
		t.Fatalf("list = %d %s, want 200 and one token", status, body)
	}
	return list[0]
}

func TestPageListCountsUse(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, token := p.AddToken(t, p.jwt, "my-topic", "CI", "publish", "subscribe")
	p.useToken(token)
	entry := p.listed(t)
	if _, present := entry["token"]; present {
		t.Errorf("the list shows the token: %v", entry)
	}
	if entry["last_used_at"] != nil || entry["request_count"] != 0.0 {
		t.Errorf("never used: last_used_at %v, request_count %v; want null and 0", entry["last_used_at"], entry["request_count"])
	}
	if by, _ := entry["created_by"].(map[string]any); by["username"] != "ann" {
		t.Errorf("created_by = %v, want ann", entry["created_by"])
	}
	p.block(t, "header.sh")
	p.block(t, "query.sh")
	entry = p.listed(t)
	if entry["request_count"] != 2.0 {
		t.Errorf("after two requests request_count = %v", entry["request_count"])
	}
	last, _ := entry["last_used_at"].(string)
	if when, err := time.Parse(time.RFC3339, last); err != nil || time.Since(when) > time.Minute {
		t.Errorf("last_used_at = %q, want now", last)
	}
}

func TestPageRevoke(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	id, token := p.AddToken(t, p.jwt, "my-topic", "CI", "publish")
	p.useToken(token)
	p.values["token_abc123"] = id
	if status, body := p.block(t, "header.sh"); status != 200 {
		t.Fatalf("publish = %d %s, want 200", status, body)
	}
	if status, body := p.block(t, "revoke.sh"); status != 204 || body != "" {
		t.Fatalf("revoke = %d %q, want 204 and nothing", status, body)
	}
	for _, block := range []string{"header.sh", "query.sh"} {
		if status, body := p.block(t, block); status != 401 {
			t.Errorf("%s after revocation = %d %s, want 401", block, status, body)
		}
	}
	if status, _ := p.block(t, "revoke.sh"); status != 404 {
		t.Errorf("second revoke = %d, want 404", status)
	}
	res, body := call(t, "PATCH", p.URL+"/api/topics/my-topic/access-tokens/"+id, `{"is_active":true,"name":"again"}`,
		"Authorization: Bearer "+p.jwt, "Content-Type: application/json")
	if res.StatusCode < 400 {
		t.Errorf("patching a revoked token = %d %s, want a refusal", res.StatusCode, body)
	}
	if status, _ := p.block(t, "header.sh"); status != 401 {
		t.Errorf("a revoked token was enabled again: %d", status)
	}
}
