package server_test

import (
	"net/http"
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/api"
)

// TestEventsHaveABound: a page of the API has at most a hundred events, whatever is asked for.
func TestEventsHaveABound(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "laptop"}, 201, &key)
	for n := range 101 {
		h.call("PATCH", "/api/keys/"+key.ID, h.jwt, map[string]any{"name": []string{"laptop", "old laptop"}[n%2], "description": strings.Repeat("x", n%2)}, 200, nil)
	}
	var got api.Events
	h.call("GET", "/api/events?kind=keys&limit=1000", h.jwt, nil, 200, &got)
	if len(got.Events) != 100 || got.Next == nil {
		t.Errorf("%d events, next %v; want 100 and a next page", len(got.Events), got.Next)
	}
}

// TestKeyBesideASession: a key that cannot list topics takes nothing away from the session that it comes with.
func TestKeyBesideASession(t *testing.T) {
	h := newHome(t, server.Config{})
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "script", Scopes: []string{"publish"}}, 201, &key)
	for _, path := range []string{"/api/topics", "/api/topics/public"} {
		if rec := h.sent("GET", path, nil, "X-API-Key", key.Key); rec.Code != http.StatusForbidden {
			t.Errorf("%s with the key alone = %d, want 403", path, rec.Code)
		}
		if rec := h.sent("GET", path, nil, "X-API-Key", key.Key, "Authorization", "Bearer "+h.jwt); rec.Code != http.StatusOK {
			t.Errorf("%s with the key and a session = %d, want 200", path, rec.Code)
		}
	}
}
