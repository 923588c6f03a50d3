package server_test

import (
	"net/http"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestFieldsThatAreNearlyKnownAreRefused: a key or token that was meant to do or last less is not made as one that does more, and a change
// that changes nothing is not answered as if it had.
func TestFieldsThatAreNearlyKnownAreRefused(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	const tokens = "/api/topics/ops-east/access-tokens"
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "k", "unheard_of": true}, http.StatusCreated, &key)
	for _, row := range []struct {
		method, path string
		body         map[string]any
		status       int
	}{
		{"POST", "/api/keys", map[string]any{"name": "x", "scope": []string{"publish"}}, 422},
		{"POST", "/api/keys", map[string]any{"name": "x", "expires_in": "90d"}, 422},
		{"POST", "/api/keys", map[string]any{"name": "x", "topic": []string{"ops"}, "topics": []string{"ops"}}, 201},
		{"POST", tokens, map[string]any{"name": "x", "permissions": []string{"publish"}, "expires_in": "90d"}, 422},
		{"POST", tokens, map[string]any{"name": "x", "permission": []string{"publish"}}, 422},
		{"POST", tokens, map[string]any{"name": "x", "permissions": []string{"publish"}, "id": "7"}, 201},
		{"PATCH", "/api/keys/" + key.ID, map[string]any{"scopes": []string{"publish"}}, 422},
		{"PATCH", "/api/keys/" + key.ID, map[string]any{"expires_at": nil}, 422},
		{"PATCH", "/api/keys/" + key.ID, map[string]any{"topcis": []string{"a"}}, 422},
		{"PATCH", "/api/topics/ops-east", map[string]any{"access_levl": "public"}, 422},
	} {
		h.call(row.method, row.path, h.jwt, row.body, row.status, nil)
	}
}

// TestNullIsNever: of a new token as of a change, whatever the server's default is.
func TestNullIsNever(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{DefaultExpiry: 24 * time.Hour})
	h.topic("ops-east", db.Private)
	for name, row := range map[string]struct {
		body  map[string]any
		never bool
	}{
		"left out": {map[string]any{"name": "a", "permissions": []string{"publish"}}, false},
		"null":     {map[string]any{"name": "b", "permissions": []string{"publish"}, "expires_at": nil}, true},
	} {
		var made api.Token
		h.call("POST", "/api/topics/ops-east/access-tokens", h.jwt, row.body, http.StatusCreated, &made)
		if (made.ExpiresAt == nil) != row.never {
			t.Errorf("%s: it expires at %v, want never %v", name, made.ExpiresAt, row.never)
		}
	}
}

// TestCreatedByFollowsTheAccount: a token names its creator by the present name, which may have been another account's; when the account
// is gone, by the last one that was stored.
func TestCreatedByFollowsTheAccount(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var made api.Token
	const tokens = "/api/topics/ops-east/access-tokens"
	h.call("POST", tokens, h.jwt, map[string]any{"name": "a", "permissions": []string{"publish"}}, http.StatusCreated, &made)
	h.call("PATCH", "/api/users/me", h.jwt, map[string]any{"username": "kitty"}, http.StatusOK, nil)
	var list []api.Token
	h.call("GET", tokens, h.jwt, nil, http.StatusOK, &list)
	if len(list) != 1 || list[0].CreatedBy.Username != "kitty" || list[0].CreatedBy.ID != made.CreatedBy.ID {
		t.Errorf("created by %+v, want kitty", list[0].CreatedBy)
	}
}
