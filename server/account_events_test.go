package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestAccountEvents: what happens to accounts is written down with ids, names of the moment and the address, and read by admins
// only, a page at a time.
func TestAccountEvents(t *testing.T) {
	h := newHome(t, server.Config{})
	bob := h.user("bob")
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: "not it at all"}, 401, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "a-secret-in-the-wrong-field", Password: "x"}, 401, nil)
	var key api.Key
	h.call("POST", "/api/keys", bob.AccessToken, api.KeyRequest{Name: "laptop", Scopes: []string{"publish"}}, 201, &key)
	h.call("PATCH", "/api/keys/"+key.ID, bob.AccessToken, map[string]any{"topics": []string{"door"}}, 200, nil)
	h.call("PATCH", "/api/keys/"+key.ID, bob.AccessToken, map[string]any{"topics": nil, "name": "old laptop", "description": "in the attic"}, 200, nil)
	h.call("PATCH", "/api/keys/"+key.ID, bob.AccessToken, map[string]any{"name": "old laptop"}, 200, nil) // nothing changes
	h.call("POST", "/api/keys/"+key.ID+"/revoke", bob.AccessToken, nil, 200, nil)
	offer := db.Pairing{UserID: bob.User.ID, Name: "phone", Scopes: "subscribe", Topics: []string{"backup-*", "door"}}
	code, err := h.s.Auth().IssuePairing(&offer)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := h.browser().post("/devices/join", "code", code); status != 200 {
		t.Fatal("the code answers ", status)
	}
	name, yes, password := "robert", true, "something for now 7"
	h.call("PATCH", "/api/users/me", bob.AccessToken, api.UserRequest{Username: &name}, 200, nil)
	h.call("PATCH", "/api/users/"+bob.User.ID, h.jwt, api.UserRequest{IsAdmin: &yes}, 200, nil)
	h.call("POST", "/auth/logout", bob.AccessToken, nil, 204, nil)
	h.call("PATCH", "/api/users/"+bob.User.ID, h.jwt, api.UserRequest{Password: &password, RevokeKeys: true}, 200, nil)
	h.call("DELETE", "/api/users/"+bob.User.ID, h.jwt, nil, 204, nil)

	var got api.Events
	h.call("GET", "/api/events?user="+bob.User.ID, h.jwt, nil, 200, &got)
	var lines []string
	for _, e := range got.Events {
		if e.Address != "127.0.0.1" {
			t.Errorf("%s came from %q", e.Verb, e.Address)
		}
		if e.TargetID != bob.User.ID || e.ActorID == "" && e.Actor != "anonymous" {
			t.Errorf("%s was done by %q to %q", e.Verb, e.ActorID, e.TargetID)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s", e.Actor, e.Verb, e.Target, e.Detail))
	}
	want := []string{
		"ann account.delete robert bob@home.example",
		"ann account.password_reset robert 1 API key revoked", // the paired device's
		"robert account.sign_out robert ",
		"ann account.promote robert ",
		"bob account.rename robert bob to robert",
		`bob key.pair bob "phone": subscribe in backup-*, door`,
		`bob key.revoke bob "old laptop"`,
		`bob key.update bob "laptop": named "old laptop"; publish; description`,
		`bob key.update bob "laptop": publish in door`,
		`bob key.create bob "laptop": publish`,
		"anonymous account.sign_in_failed bob wrong password",
		"bob account.sign_in bob API",
		"bob account.create bob ",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the events of the account are\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}

	h.call("GET", "/api/events?kind=sign-ins&user=ann", h.jwt, nil, 200, &got)
	if len(got.Events) != 1 || got.Events[0].Verb != "account.sign_in" {
		t.Errorf("the sign-ins of ann are %+v", got.Events)
	}
	all, before := 0, ""
	for {
		h.call("GET", "/api/events?limit=3"+before, h.jwt, nil, 200, &got)
		for _, e := range got.Events {
			if all++; strings.Contains(e.Actor+e.Target+e.Detail, "wrong-field") || strings.Contains(e.Detail, password) {
				t.Errorf("an event holds what was typed: %+v", e)
			}
		}
		if got.Next == nil {
			break
		}
		before = fmt.Sprintf("&before=%d", *got.Next)
	}
	if all != len(want)+3 { // ann's account and sign-in, and the unknown account
		t.Errorf("there are %d events", all)
	}
	h.call("GET", "/api/events", h.user("joe").AccessToken, nil, 403, nil)
	h.call("GET", "/api/events?kind=all", h.jwt, nil, 422, nil)
	h.call("GET", "/api/events?user=nobody", h.jwt, nil, 422, nil)
}

// TestFailedSignInsAreBounded: whoever guesses fills neither the log nor the disk.
func TestFailedSignInsAreBounded(t *testing.T) {
	h := newHome(t, server.Config{})
	for range 25 {
		h.call("POST", "/auth/login", "", api.LoginRequest{Email: "ann", Password: "not it at all"}, 401, nil)
	}
	var got api.Events
	h.call("GET", "/api/events?kind=sign-ins", h.jwt, nil, 200, &got)
	if n := len(got.Events); n != 11 {
		t.Errorf("25 failed sign-ins of an address left %d lines, want 10 and one sign-in", n)
	}
}

func TestEventsPage(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.stranger().post("/login", "email", "tom", "password", "wrong").want(401)
	s.post("/admin/users/" + userID(s, "tom") + "/disable").want(200)
	s.get("/admin/activity").want(200).says("maria disabled tom").says("anonymous could not sign in as tom: wrong password").says("maria signed in: dashboard")
	s.get("/admin/activity?kind=sign-ins&user=tom").want(200).says("could not sign in as tom").hides("disabled tom")
	s.get("/admin/activity?user=nobody").want(422).says("No such account")
	s.stranger().get("/admin/activity").want(401)
}
