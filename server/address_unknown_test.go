package server_test

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestCallersAtAUnixSocketHaveNoAddress: nothing is stored in its place, neither for a session nor for a token.
func TestCallersAtAUnixSocketHaveNoAddress(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish")
	at := func(path, body string) {
		t.Helper()
		r := httptest.NewRequest("POST", path, bytes.NewReader([]byte(body)))
		r.RemoteAddr = "@"
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		if h.s.ServeHTTP(rec, r); rec.Code != 200 {
			t.Fatalf("POST %s = %d %s", path, rec.Code, rec.Body)
		}
	}
	at("/ops-east?token="+token.Token, `{"message":"x"}`)
	u := h.user("bob").User
	at("/auth/login", `{"email":"`+u.Email+`","password":"`+pagePassword+`"}`)
	var seen api.Token
	h.call("GET", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, nil, 200, &seen)
	if seen.LastUsedIP != "" || seen.RequestCount != 1 {
		t.Errorf("a token was used %d times, last from %q; want once, from no address", seen.RequestCount, seen.LastUsedIP)
	}
	list, err := h.d.Sessions(t.Context(), u.ID)
	if err != nil || len(list) == 0 {
		t.Fatalf("Sessions = %v, %v", list, err)
	}
	for _, s := range list {
		if s.Address == "invalid IP" {
			t.Error("a session has the address \"invalid IP\"")
		}
	}
}
