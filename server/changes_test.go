package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth"
)

// TestChangesAreBounded: an account that changes things without end is asked to wait, with all its credentials together. Taking
// access away stays possible, and so do publishing and signing in; others are not concerned.
func TestChangesAreBounded(t *testing.T) {
	h := newHome(t, server.Config{Changes: 4 * 3})
	bob, eve := h.account("bob", false).AccessToken, h.account("eve", false).AccessToken
	topic := func(jwt, name string, want int) {
		t.Helper()
		h.call("POST", "/api/topics", jwt, api.TopicRequest{Name: &name}, want, nil)
	}
	var key api.Key
	h.call("POST", "/api/keys", bob, map[string]string{"name": "all"}, 201, &key)
	topic(bob, "bobs", 201)
	name := "sender"
	var token api.Token
	h.call("POST", "/api/topics/bobs/access-tokens", key.Key, api.TokenRequest{Name: &name, Permissions: []string{"publish"}}, 201, &token)

	for _, credential := range []string{bob, key.Key} {
		status, head := h.status("PATCH", "/api/topics/bobs", credential, `{"description":"again"}`)
		if status != http.StatusTooManyRequests || head.Get("Retry-After") == "" {
			t.Errorf("one change too many = %d %q, want 429 with Retry-After", status, head.Get("Retry-After"))
		}
	}
	topic(eve, "eves", 201)
	h.call("POST", "/bobs", token.Token, "still here", 200, nil)
	h.call("GET", "/bobs/json", bob, nil, 200, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob@home.example", Password: pagePassword}, 200, nil)
	h.call("DELETE", "/api/topics/bobs/access-tokens/"+token.ID, bob, nil, 204, nil)
	h.call("POST", "/api/keys/"+key.ID+"/revoke", bob, nil, 200, nil)
	h.call("POST", "/auth/password", bob, map[string]string{"current_password": pagePassword, "new_password": "another long one"}, 204, nil)
}

// TestTopicsAndKeysOfAnAccountAreBounded: the answer says what there is too much of, in the API and on pages.
func TestTopicsAndKeysOfAnAccountAreBounded(t *testing.T) {
	c := server.Config{MaxTopics: 2}
	c.Auth.MaxKeys = 1
	h := newHome(t, c)
	h.topic("first", db.Private)
	h.topic("second", db.Private)
	name := "third"
	var refusal api.Error
	h.call("POST", "/api/topics", h.jwt, api.TopicRequest{Name: &name}, 409, &refusal)
	if !strings.Contains(refusal.Detail, "limits.topics_per_account") {
		t.Errorf("the refusal of a third topic: %q", refusal.Detail)
	}
	h.call("POST", "/api/keys", h.jwt, map[string]string{"name": "one"}, 201, nil)
	h.call("POST", "/api/keys", h.jwt, map[string]string{"name": "two"}, 409, &refusal)
	if !strings.Contains(refusal.Detail, "limits.keys_per_account") {
		t.Errorf("the refusal of a second key: %q", refusal.Detail)
	}
	b := h.signedInBrowser()
	if status, page := b.post("/topics", "name", "third"); status != 409 || !strings.Contains(page, "as many topics as it may") {
		t.Errorf("the form of a third topic = %d", status)
	}
	if status, page := b.post("/settings/keys", "name", "two", "scopes", "publish"); status != 409 || !strings.Contains(page, "as many live API keys as it may") {
		t.Errorf("the form of a second key = %d", status)
	}
	if n, err := h.d.CountTopics(context.Background(), db.TopicFilter{Owner: h.ann()}); err != nil || n != 2 {
		t.Errorf("%d topics (%v), want 2", n, err)
	}
}

// TestDescriptionNamesTheBoundOfChanges: a client that is generated from the description expects to be asked to wait.
func TestDescriptionNamesTheBoundOfChanges(t *testing.T) {
	text, err := os.ReadFile("../web/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]struct{ Responses map[string]any }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	bounded := 0
	for _, r := range server.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		o, described := d.Paths[path][strings.ToLower(method)]
		if !described || method == "GET" || r.Free || r.Action == auth.Open || r.Action == auth.Publish || r.Action == auth.Administer {
			continue
		}
		if bounded++; o.Responses["429"] == nil {
			t.Errorf("%s: the description has no 429", r.Pattern)
		}
	}
	if bounded < 10 {
		t.Errorf("%d routes are described", bounded)
	}
}

// TestFreeRoutesChangeNothingElse lists what is possible however much has been changed before: it only takes access away or marks what
// was read.
func TestFreeRoutesChangeNothingElse(t *testing.T) {
	want := []string{
		"DELETE /api/access-token",
		"DELETE /api/keys/{id}",
		"DELETE /api/topics/{topic}/access-tokens/{id}",
		"POST /api/access-token/report",
		"POST /api/keys/{id}/revoke",
		"POST /auth/logout",
		"POST /auth/password",
		"POST /devices/read",
		"POST /devices/renew",
		"POST /devices/{id}/remove",
		"POST /inbox/read",
		"POST /settings/confirm",
		"POST /settings/keys/{id}/revoke",
		"POST /settings/password",
		"POST /settings/sessions/end",
		"POST /settings/sessions/{id}/end",
		"POST /topic/{topic}/settings/revoke-all",
		"POST /topic/{topic}/settings/tokens/{id}/end-old",
		"POST /topic/{topic}/settings/tokens/{id}/revoke",
	}
	var free []string
	for _, r := range server.Routes() {
		if r.Free {
			free = append(free, r.Pattern)
		}
	}
	slices.Sort(free)
	if !slices.Equal(free, want) {
		t.Errorf("the routes without a budget are\n%s\nwant\n%s", strings.Join(free, "\n"), strings.Join(want, "\n"))
	}
}
