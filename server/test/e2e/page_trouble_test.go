package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

// refusals are the page's troubleshooting section: each cause gives the status named there.
func TestPageTroubleshooting(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic", "deployments")
	_, publish := p.AddToken(t, p.jwt, "my-topic", "publish only", "publish")
	_, subscribe := p.AddToken(t, p.jwt, "my-topic", "subscribe only", "subscribe")
	_, other := p.AddToken(t, p.jwt, "deployments", "of another topic", "publish", "subscribe")
	topic := p.URL + "/my-topic"
	for _, c := range []struct {
		cause, method, path string
		headers             []string
		want                int
	}{
		{"missing token", "POST", "", nil, 401},
		{"invalid token", "POST", "", []string{"X-Topic-Token: tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc"}, 401},
		{"cut-off token", "POST", "", []string{"X-Topic-Token: " + publish[:len(publish)-1]}, 401},
		{"wrong header", "POST", "", []string{"X-API-Key: " + publish}, 401},
		{"wrong topic", "POST", "", []string{"X-Topic-Token: " + other}, 401},
		{"wrong topic in the query", "POST", "?token=" + other, nil, 401},
		{"wrong topic, stream", "GET", "/sse", []string{"X-Topic-Token: " + other}, 401},
		{"subscribe-only POST", "POST", "", []string{"X-Topic-Token: " + subscribe}, 403},
		{"subscribe-only PUT", "PUT", "", []string{"X-Topic-Token: " + subscribe}, 403},
		{"subscribe-only in the query", "POST", "?token=" + subscribe, nil, 403},
		{"publish-only stream", "GET", "/sse", []string{"X-Topic-Token: " + publish}, 403},
		{"publish-only stream by query", "GET", "/sse?token=" + publish, nil, 403},
		{"publish-only socket", "GET", "/ws", []string{"X-Topic-Token: " + publish, "Connection: Upgrade", "Upgrade: websocket",
			"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, 403},
		{"header name in lower case", "POST", "", []string{"x-topic-token: " + publish}, 200},
	} {
		res, body := call(t, c.method, topic+c.path, "x", c.headers...)
		if res.StatusCode != c.want {
			t.Errorf("%s: %d %s, want %d", c.cause, res.StatusCode, body, c.want)
		}
		if c.want == 401 && res.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without WWW-Authenticate", c.cause)
		}
		if detail, _ := object(t, body)["detail"].(string); c.want >= 400 && detail == "" {
			t.Errorf("%s: no detail in %s", c.cause, body)
		}
	}
}

// A token in the wrong header is told which header it belongs in.
func TestPageNamesTheRightHeader(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, token := p.AddToken(t, p.jwt, "my-topic", "CI", "publish")
	_, body := call(t, "POST", p.URL+"/my-topic", "x", "X-API-Key: "+token)
	if !strings.Contains(body, "X-Topic-Token") {
		t.Errorf("a tk_ in X-API-Key: %s, want X-Topic-Token named", body)
	}
	key := p.addKey(t, "*")
	res, body := call(t, "POST", p.URL+"/my-topic", "x", "X-Topic-Token: "+key)
	if res.StatusCode != 401 || !strings.Contains(body, "X-API-Key") {
		t.Errorf("a noti_ in X-Topic-Token: %d %s, want 401 with X-API-Key named", res.StatusCode, body)
	}
}

func TestPageTokenWorksForPrivateTopicsOnly(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	setAccess := func(level string) {
		t.Helper()
		if code := p.JSON(t, "PATCH", "/api/topics/my-topic", p.jwt, map[string]string{"access_level": level}, nil); code != 200 {
			t.Fatalf("PATCH access_level %s = %d, want 200", level, code)
		}
	}
	for _, level := range []string{"public", "protected"} {
		setAccess(level)
		if status, body := p.block(t, "header.sh"); status != 403 || !strings.Contains(body, "private") {
			t.Errorf("token on a %s topic = %d %s, want 403 that says why", level, status, body)
		}
		if status, body := p.shell(t, p.text(t, "create.sh")); status != 400 {
			t.Errorf("create a token on a %s topic = %d %s, want 400", level, status, body)
		}
	}
	setAccess("private")
	if status, body := p.block(t, "header.sh"); status != 200 {
		t.Errorf("token after the topic is private again = %d %s, want 200", status, body)
	}
}

// The page's comparison: a user API key works on all topics and manages topics, a topic token does neither.
func TestPageKeysAndTokens(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic", "deployments")
	_, token := p.AddToken(t, p.jwt, "my-topic", "CI", "publish", "subscribe")
	key := p.addKey(t, "*")
	if !strings.HasPrefix(key, "noti_") {
		t.Errorf("key = %q, want noti_...", key)
	}
	for _, topic := range []string{"my-topic", "deployments"} {
		if res, body := call(t, "POST", p.URL+"/"+topic, "x", "X-API-Key: "+key); res.StatusCode != 200 {
			t.Errorf("publish to %s by key = %d %s, want 200", topic, res.StatusCode, body)
		}
	}
	const asJSON = "Content-Type: application/json"
	if res, body := call(t, "POST", p.URL+"/api/topics", `{"name":"by-key"}`, "X-API-Key: "+key, asJSON); res.StatusCode != http.StatusCreated {
		t.Errorf("create a topic by key = %d %s, want 201", res.StatusCode, body)
	}
	if res, body := call(t, "DELETE", p.URL+"/api/topics/by-key", "", "X-API-Key: "+key); res.StatusCode != http.StatusNoContent {
		t.Errorf("delete a topic by key = %d %s, want 204", res.StatusCode, body)
	}
	if res, body := call(t, "POST", p.URL+"/api/topics", `{"name":"by-token"}`, "X-Topic-Token: "+token, asJSON); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("create a topic by topic token = %d %s, want 401", res.StatusCode, body)
	}
	if res, body := call(t, "DELETE", p.URL+"/api/topics/my-topic", "", "X-Topic-Token: "+token); res.StatusCode != http.StatusForbidden {
		t.Errorf("delete a topic by its token = %d %s, want 403", res.StatusCode, body)
	}
}

// addKey makes an API key of the page's user and returns its text.
func (p *page) addKey(t *testing.T, scopes ...string) string {
	t.Helper()
	var reply struct{ Key string }
	code := p.JSON(t, "POST", "/api/keys", p.jwt, map[string]any{"name": "all", "scopes": scopes}, &reply)
	if code != http.StatusCreated {
		t.Fatalf("create key = %d, want 201", code)
	}
	return reply.Key
}
