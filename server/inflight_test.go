package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// begin sends the head of a request and returns once the server has admitted it and asks for the body (RFC 9110 section
// 10.1.1). send ends it with the body and returns the status.
func (h *home) begin(method, path, bearer, contentType, body string) (send func() int) {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: home.example\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		method, path, bearer, contentType, len(body))
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		h.t.Fatalf("%s %s answers %q, %v; want 100 Continue", method, path, line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		h.t.Fatal(err)
	}
	return func() int {
		h.t.Helper()
		io.WriteString(conn, body)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
}

// Who loses a right while the body of a request is on its way does nothing with it any more, whatever the route.
func TestRightsEndWhileABodyArrives(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "lost"}, 201, &key)
	requests := map[string]func() int{
		"make a key":    h.begin("POST", "/api/keys", key.Key, "application/json", `{"name":"mine"}`),
		"make a topic":  h.begin("POST", "/api/topics", key.Key, "application/json", `{"name":"mine"}`),
		"make a token":  h.begin("POST", "/api/topics/ops-east/access-tokens", key.Key, "application/json", `{"name":"mine","permissions":["publish"]}`),
		"change access": h.begin("PATCH", "/api/topics/ops-east", key.Key, "application/json", `{"access_level":"public"}`),
		"publish":       h.begin("POST", "/ops-east", key.Key, "text/plain", "mine"),
	}
	h.call("POST", "/api/keys/"+key.ID+"/revoke", h.jwt, nil, 200, nil)
	for name, send := range requests {
		if status := send(); status != http.StatusUnauthorized {
			t.Errorf("%s with a key that was revoked before its body came = %d, want 401", name, status)
		}
	}
}

// A change of one's own name says nothing about rights: it must not bring back those that an admin has taken meanwhile.
func TestOwnNameBringsNoRightsBack(t *testing.T) {
	h := newHome(t, server.Config{})
	bob := h.admin("bob")
	send := h.begin("POST", "/settings", bob.AccessToken, "application/x-www-form-urlencoded", "username=bobby")
	no := false
	h.call("PATCH", "/api/users/"+bob.User.ID, h.jwt, api.UserRequest{IsAdmin: &no}, 200, nil)
	if status := send(); status != http.StatusSeeOther {
		t.Fatalf("the form of the profile = %d, want 303", status)
	}
	var me api.User
	h.call("GET", "/auth/me", bob.AccessToken, nil, 200, &me)
	if me.IsAdmin || me.Username != "bobby" {
		t.Errorf("after the form: admin %v, name %q; want none and bobby", me.IsAdmin, me.Username)
	}
}
