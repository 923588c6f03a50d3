package server_test

import (
	"context"
	"encoding/json"
	"fmt"
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
	bob, eve := h.user("bob").AccessToken, h.user("eve").AccessToken
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

// TestPairedDeviceHasABoundOfItsOwn: a phone that was lost uses up nothing of what its owner may change.
func TestPairedDeviceHasABoundOfItsOwn(t *testing.T) {
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}, Changes: 4 * 8})
	h.topic("door", db.Private)
	owner, phone := h.signedInBrowser(), h.browser()
	if status, _ := phone.post("/devices/join", "code", owner.offer("name", "Lost", "topic", "door")); status != 200 {
		t.Fatalf("pairing = %d", status)
	}
	if status, text := phone.post("/devices", service.subscription("/phone")...); status != 200 {
		t.Fatalf("subscribing = %d %s", status, text)
	}
	devices, err := h.d.Devices(context.Background(), h.ann())
	if err != nil || len(devices) != 1 {
		t.Fatalf("%d devices, %v", len(devices), err)
	}
	status, page := 200, ""
	for n := 0; status == 200 && n < 20; n++ {
		status, page = phone.post("/devices/"+devices[0].ID, "name", "Lost")
	}
	if status != http.StatusTooManyRequests || !strings.Contains(page, "This device has reached its daily limit of changes") {
		t.Errorf("without end the phone changes: %d %.300s", status, page)
	}
	h.call("PATCH", "/api/topics/door", h.jwt, map[string]string{"description": "the owner's"}, 200, nil)
}

// TestNewPasswordsAreBounded: each is a line of the activity log. Who does not know the password uses nothing up, and neither do
// changes of other kinds.
func TestNewPasswordsAreBounded(t *testing.T) {
	h := newHome(t, server.Config{Changes: 4})
	bob, eve := h.user("bob").AccessToken, h.user("eve").AccessToken
	change := func(jwt, from, to string, want int) {
		t.Helper()
		h.call("POST", "/auth/password", jwt, map[string]string{"current_password": from, "new_password": to}, want, nil)
	}
	for range 3 {
		change(bob, "not this one", "another long one", 403)
	}
	password := func(n int) string { return fmt.Sprintf("%s number %d", pagePassword, n) }
	change(bob, pagePassword, password(0), 204)
	for n := range 19 {
		change(bob, password(n), password(n+1), 204)
	}
	var refusal api.Error
	h.call("POST", "/auth/password", bob, map[string]string{"current_password": password(19), "new_password": password(20)}, 429, &refusal)
	if !strings.Contains(refusal.Detail, "changed its password too often") {
		t.Errorf("the refusal: %q", refusal.Detail)
	}
	b := h.browser()
	if status, _ := b.post("/login", "email", "bob", "password", password(19)); status != 200 {
		t.Fatalf("signing in with the last password = %d", status)
	}
	if status, page := b.post("/settings/password", "current_password", password(19), "new_password", password(20)); status != 429 || !strings.Contains(page, "too often") {
		t.Errorf("by the form = %d", status)
	}
	change(eve, pagePassword, password(0), 204)
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
	if status, page := b.post("/topics", "name", "third"); status != 409 || !strings.Contains(page, "its limit of 2 topics") {
		t.Errorf("the form of a third topic = %d", status)
	}
	if status, page := b.post("/settings/keys", "name", "two", "scopes", "publish"); status != 409 || !strings.Contains(page, "its limit of live API keys") {
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
