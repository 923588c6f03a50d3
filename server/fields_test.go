package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth/secrets"
)

// TestNullEmptiesAField: absent leaves a field as it is, null empties it, and what cannot be empty is refused.
func TestNullEmptiesAField(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var topic api.Topic
	patch := func(path string, body map[string]any, status int, out any) {
		t.Helper()
		h.call("PATCH", path, h.jwt, body, status, out)
	}
	patch("/api/topics/ops-east", map[string]any{"description": "the east wing", "retention_hours": 48}, 200, &topic)
	patch("/api/topics/ops-east", map[string]any{"description": nil}, 200, &topic)
	if topic.Description != nil || topic.RetentionHours == nil {
		t.Errorf("description null: %v, retention %v; want the one empty and the other kept", topic.Description, topic.RetentionHours)
	}
	patch("/api/topics/ops-east", map[string]any{"retention_hours": nil}, 200, &topic)
	if topic.RetentionHours != nil {
		t.Errorf("retention null: %v", *topic.RetentionHours)
	}
	patch("/api/topics/ops-east", map[string]any{"access_level": nil}, 422, nil)

	title := "Disk"
	var m api.Message
	h.call("POST", "/ops-east", h.jwt, api.PublishRequest{Message: "full", Title: &title, Tags: []string{"nas"}}, 200, &m)
	path := "/api/ops-east/messages/" + m.ID
	m = api.Message{}
	patch(path, map[string]any{"title": nil, "tags": nil}, 200, &m)
	if m.Title != nil || len(m.Tags) > 0 || m.Message != "full" {
		t.Errorf("title and tags null: %+v", m)
	}
}

// TestTokenFieldsThatLookEmpty: an empty expiry may be a script's unset variable, a name must be seen.
func TestTokenFieldsThatLookEmpty(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	const path = "/api/topics/ops-east/access-tokens"
	for _, body := range []map[string]any{{"name": "a", "permissions": []string{"publish"}, "expires_at": ""},
		{"name": "\u200b", "permissions": []string{"publish"}}, {"name": "\u202egnp.exe", "permissions": []string{"publish"}}} {
		h.call("POST", path, h.jwt, body, 422, nil)
	}
	token := h.token("ops-east", "CI", "publish")
	var out api.Token
	h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"expires_at": "2099-01-01"}, 200, &out)
	h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"expires_at": ""}, 422, nil)
	h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"expires_at": nil}, 200, &out)
	if out.ExpiresAt != nil {
		t.Errorf("expires_at null: %v, want never", out.ExpiresAt)
	}
}

// TestLongestLifeIsTold: a request without an end breaks the rule too.
func TestLongestLifeIsTold(t *testing.T) {
	h := newHome(t, server.Config{MaxExpiry: 30 * 24 * time.Hour})
	h.topic("ops-east", db.Private)
	for _, end := range []any{nil, "2099-01-01"} {
		body := map[string]any{"name": "CI", "permissions": []string{"publish"}, "expires_at": end}
		var refused api.Error
		h.call("POST", "/api/topics/ops-east/access-tokens", h.jwt, body, 422, &refused)
		if refused.Detail != "a token can live for at most 720 hours on this server (tokens.max_expiry): send an earlier expires_at" {
			t.Errorf("expires_at %v: %q", end, refused.Detail)
		}
	}
}

// TestRefusalsSayWhatToChange: it stands behind the colon.
func TestRefusalsSayWhatToChange(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "CI", "publish").Token
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "reader", "scopes": []string{"subscribe"}}, 201, &key)
	h.call("PATCH", "/api/topics/ops-east", h.jwt, map[string]any{"access_level": db.Public}, 200, nil)
	for _, c := range []struct {
		method, path, bearer string
		status               int
	}{
		{"POST", "/ops-east", secrets.NewToken(), 401},
		{"POST", "/ops-east", secrets.NewKey(), 401},
		{"POST", "/ops-east", key.Key, 403},
		{"GET", "/api/topics", key.Key, 403},
		{"POST", "/ops-east", token, 403},
	} {
		var refused api.Error
		h.call(c.method, c.path, c.bearer, "x", c.status, &refused)
		if _, change, ok := strings.Cut(refused.Detail, ": "); !ok || change == "" {
			t.Errorf("%s %s = %d %q, want what to change", c.method, c.path, c.status, refused.Detail)
		}
	}
}

// TestEditsAreLookedThroughForSecrets as messages are.
func TestEditsAreLookedThroughForSecrets(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	secret := h.token("ops-east", "CI", "publish").Token
	m := h.publish("ops-east", "harmless")
	h.call("PATCH", "/api/ops-east/messages/"+m.ID, h.jwt, map[string]any{"message": "my " + secret}, 422, nil)
}

// TestLongEdits: what may be published may be edited.
func TestLongEdits(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	m := h.publish("ops-east", "short")
	for size, want := range map[int]int{64 << 10: 200, 64<<10 + 1: 422} {
		h.call("PATCH", "/api/ops-east/messages/"+m.ID, h.jwt, map[string]any{"message": strings.Repeat("x", size)}, want, nil)
	}
}

// TestInboxStaysPrivate: it holds what only its owner should know.
func TestInboxStaysPrivate(t *testing.T) {
	h := newHome(t, server.Config{})
	u, err := h.d.UserByLogin(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	inbox := db.Topic{Name: "inbox-ann", OwnerID: u.ID, AccessLevel: db.Private, Inbox: true, IconName: "bell", IconColor: "blue"}
	if err := h.d.CreateTopic(&inbox, db.By{Name: "server"}); err != nil {
		t.Fatal(err)
	}
	for _, level := range []string{db.Public, db.Protected} {
		h.call("PATCH", "/api/topics/inbox-ann", h.jwt, map[string]any{"access_level": level}, 409, nil)
	}
	h.call("PATCH", "/api/topics/inbox-ann", h.jwt, map[string]any{"access_level": db.Private, "description": "notices"}, 200, nil)
	h.call("GET", "/inbox-ann/json", "", nil, 401, nil)
}

// TestNetworksOfATokenMeanWhatTheySay, in whatever form they are written.
func TestNetworksOfATokenMeanWhatTheySay(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	const path = "/api/topics/ops-east/access-tokens"
	token := h.token("ops-east", "CI", "publish")
	for network, status := range map[string]int{"::ffff:127.0.0.1": 200, "::ffff:127.0.0.0/104": 200, "127.0.0.0/8": 200, "::ffff:10.0.0.1": 403, "10.0.0.0/8": 403} {
		h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"networks": []string{network}}, 200, nil)
		h.call("POST", "/ops-east", token.Token, "x", status, nil)
	}
	h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"networks": []string{"10.0.0.0/8"}}, 200, nil)
	for _, list := range [][]string{{""}, {" "}, {"127.0.0.1", ""}} {
		h.call("PATCH", path+"/"+token.ID, h.jwt, map[string]any{"networks": list}, 422, nil)
	}
	h.call("POST", "/ops-east", token.Token, "x", 403, nil)
}

// TestRotatedTwice: the last use of the secret before the one that still works is nobody's any more.
func TestRotatedTwice(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "CI", "publish")
	path := "/api/topics/ops-east/access-tokens/" + token.ID
	var next api.Token
	h.call("POST", path+"/rotate", h.jwt, map[string]any{}, 200, &next)
	h.call("POST", "/ops-east", token.Token, "with the old one", 200, nil)
	var seen api.Token
	h.call("GET", path, h.jwt, nil, 200, &seen)
	if seen.PrevLastUsed == nil {
		t.Fatal("the old secret's use is not told")
	}
	h.call("POST", path+"/rotate", h.jwt, map[string]any{}, 200, nil)
	seen = api.Token{}
	h.call("GET", path, h.jwt, nil, 200, &seen)
	if seen.PrevLastUsed != nil || seen.PrevHint == "" {
		t.Errorf("after another rotation the old secret was last used %v", *seen.PrevLastUsed)
	}
}

// TestHeadersSentTwice: the first one counts, and is named; strict publishing refuses, since another reader could take the
// other value.
func TestHeadersSentTwice(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for name, value := range map[string]string{"X-Title": "a", "X-Priority": "1", "X-Url": "https://a.example", "X-Url-Title": "a", "X-Markdown": "true"} {
		r := httptest.NewRequest("POST", "/ops-east", strings.NewReader("x"))
		r.Header.Set("Authorization", "Bearer "+h.jwt)
		r.Header.Add(name, value)
		r.Header.Add(name, value)
		for strict, want := range map[string]int{"": 200, "1": 400} {
			r.Header.Set("X-Strict", strict)
			r.Body = io.NopCloser(strings.NewReader("x"))
			rec := httptest.NewRecorder()
			h.s.ServeHTTP(rec, r)
			if rec.Code != want || !strings.Contains(strings.ToLower(rec.Body.String()), strings.ToLower(name)+" was sent twice") {
				t.Errorf("%s twice, strict %q = %d %s, want %d", name, strict, rec.Code, rec.Body, want)
			}
		}
	}
}

// TestAllowSaysWhatIsRouted, in 405 and to OPTIONS.
func TestAllowSaysWhatIsRouted(t *testing.T) {
	h := newHome(t, server.Config{})
	for _, c := range [][3]string{{"DELETE", "/ops-east", "POST, PUT"}, {"OPTIONS", "/ops-east", "POST, PUT, OPTIONS"},
		{"OPTIONS", "/ops-east/json", "GET, HEAD, OPTIONS"}, {"OPTIONS", "/api/keys", "GET, HEAD, POST, OPTIONS"}, {"OPTIONS", "/api/nothing", "OPTIONS"}} {
		rec := httptest.NewRecorder()
		h.s.ServeHTTP(rec, httptest.NewRequest(c[0], c[1], nil))
		if got := rec.Header().Get("Allow"); got != c[2] {
			t.Errorf("%s %s allows %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// TestListsOfTopicsAreLimited: they are stored, and nobody has to sign in for public topics.
func TestListsOfTopicsAreLimited(t *testing.T) {
	h := newHome(t, server.Config{AnonymousPerMinute: 3})
	h.topic("open-air", db.Public)
	list := map[string]any{"topics": []string{"open-air"}}
	for range 3 {
		h.call("POST", "/api/sse/sessions", "", list, 201, nil)
	}
	h.call("POST", "/api/sse/sessions", "", list, 429, nil)
	h.call("POST", "/api/sse/sessions", h.jwt, list, 201, nil)
	h.call("POST", "/api/sse/sessions", h.jwt, map[string]any{"topics": []any{"open-air", 5}}, 422, nil)
}

// TestFormOfAnotherAddress says which address the dashboard has, and logs it: a base_url that does not fit looks like that.
func TestFormOfAnotherAddress(t *testing.T) {
	s, _, out := logging(t)
	r := httptest.NewRequest("POST", "/login", strings.NewReader("email=a&password=b"))
	r.Host = "pi.local:8080"
	r.Header.Set("Origin", "http://nas.local:8080")
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	if rec.Code != http.StatusForbidden || !strings.Contains(rec.Body.String(), "pass the Host header on") {
		t.Errorf("a form from another address = %d %s", rec.Code, rec.Body)
	}
	if line := out.Take(); !strings.Contains(line, "origin=http://nas.local:8080") || !strings.Contains(line, "host=pi.local:8080") {
		t.Errorf("the log says %q", line)
	}
}
