package server_test

import (
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestRefusalsNameAWayOut: and the answer about a token is the same for one that never was, one that has ended and one of
// another topic.
func TestRefusalsNameAWayOut(t *testing.T) {
	h := newHome(t, server.Config{})
	bob := h.user("bob")
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	h.topic("open", db.Public)
	elsewhere, ended := h.token("ops-west", "CI", "publish").ID, h.token("ops-east", "CI", "publish").ID
	const at = "/api/topics/ops-east/access-tokens/"
	h.call("DELETE", at+ended, h.jwt, nil, 204, nil)
	const none = "no such token: GET /api/topics/ops-east/access-tokens lists those of the topic"
	name := map[string]any{"name": "x"}
	for _, c := range []struct {
		method, path, by string
		body             any
		status           int
		want             string
	}{
		{"GET", at + "token_aaaaaaaaaaaaaaaa", h.jwt, nil, 404, none},
		{"GET", at + elsewhere, h.jwt, nil, 404, none},
		{"PATCH", at + elsewhere, h.jwt, name, 404, none},
		{"DELETE", at + elsewhere, h.jwt, nil, 404, none},
		{"DELETE", at + ended, h.jwt, nil, 404, none},
		{"POST", at + elsewhere + "/rotate", h.jwt, nil, 404, none},
		{"GET", at + elsewhere + "/usage", h.jwt, nil, 404, none},
		{"GET", at + elsewhere, bob.AccessToken, nil, 404, "no such topic"},
		{"DELETE", "/api/topics/open", bob.AccessToken, nil, 403, "only the owner of the topic or an admin may do this: ask one of them"},
		{"GET", "/api/users", bob.AccessToken, nil, 403, "only an admin may do this: ask one, or sign in as one"},
	} {
		var got api.Error
		h.call(c.method, c.path, c.by, c.body, c.status, &got)
		if !strings.HasPrefix(got.Detail, c.want) {
			t.Errorf("%s %s = %q, want %q", c.method, c.path, got.Detail, c.want)
		}
	}
	newSite(t).get("/login").want(200).says("notifer user passwd USER")
}
