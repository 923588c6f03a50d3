package server_test

import (
	"strings"
	"testing"
	"time"

	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/inprocess"
)

// TestAdminsOwnPasswordIsNotReset: an admin's session alone replaces the password and the email of others, not the admin's own.
func TestAdminsOwnPasswordIsNotReset(t *testing.T) {
	h := newHome(t, server.Config{})
	var me api.User
	h.call("GET", "/auth/me", h.jwt, nil, 200, &me)
	bob := h.user("bob").User
	password, email, name, yes := "quite another horse 7", "new@home.example", "annie", true
	for _, change := range []api.UserRequest{{Password: &password}, {Email: &email}, {Username: &name, Email: &email}} {
		var refused struct{ Detail string }
		h.call("PATCH", "/api/users/"+me.ID, h.jwt, change, 409, &refused)
		if !strings.Contains(refused.Detail, "POST /auth/password") || !strings.Contains(refused.Detail, "PATCH /api/users/me") {
			t.Errorf("the refusal says %q", refused.Detail)
		}
	}
	h.call("PATCH", "/api/users/"+bob.ID, h.jwt, api.UserRequest{Password: &password, Email: &email}, 200, nil)
	h.call("PATCH", "/api/users/"+me.ID, h.jwt, api.UserRequest{Username: &name, Email: &me.Email, IsAdmin: &yes}, 200, &me) // as it was
	if me.Username != name {
		t.Errorf("the admin is called %q", me.Username)
	}
	h.login("ann")

	s := newSite(t).signIn("maria")
	own := "/admin/users/" + userID(s, "maria") + "/reset"
	s.get(own).want(200).says("Current password")
	s.post(own).want(409)
	s.stranger().signIn("maria")
}

// TestAdminsOwnAccountIsNotEnded: an admin's session alone ends the accounts of others, not the admin's own.
func TestAdminsOwnAccountIsNotEnded(t *testing.T) {
	h := newHome(t, server.Config{})
	h.admin("zoe") // so ann is not the last one
	var me api.User
	h.call("GET", "/auth/me", h.jwt, nil, 200, &me)
	yes, no := true, false
	for _, change := range []api.UserRequest{{IsAdmin: &no}, {Disabled: &yes}} {
		h.call("PATCH", "/api/users/"+me.ID, h.jwt, change, 409, nil)
	}
	var refused struct{ Detail string }
	h.call("DELETE", "/api/users/"+me.ID, h.jwt, nil, 409, &refused)
	if !strings.Contains(refused.Detail, "DELETE /api/users/me") {
		t.Errorf("the refusal says %q", refused.Detail)
	}
	h.call("DELETE", "/api/users/me", h.jwt, map[string]string{"password": "wrong"}, 403, nil)
	h.call("DELETE", "/api/users/me", h.jwt, map[string]string{"password": pagePassword}, 204, nil)

	s := newSite(t).signIn("maria")
	inprocess.AddAdmin(t, s.d, s.server, "zoe", pagePassword)
	id := userID(s, "maria")
	for _, verb := range []string{"demote", "disable", "delete"} {
		s.post("/admin/users/" + id + "/" + verb).want(409)
	}
	s.stranger().signIn("maria").get("/admin/users").want(200)
}

// TestPendingSecretNeedsFreshSignIn: the secret of a second factor that is not on yet is shown after a recent sign-in only, and the page
// that asks for the password leads to it.
func TestPendingSecretNeedsFreshSignIn(t *testing.T) {
	s, app := factorSite(t)
	s.signIn("maria").get("/settings/second-factor").want(200)
	if s.ByID("factor-secret") == nil {
		t.Fatal("the page shows no secret after a recent sign-in")
	}
	app.clock.Set(2 * time.Hour)
	s.get("/settings/second-factor").want(200).says("Enter your password to continue")
	if s.ByID("factor-secret") != nil {
		t.Error("the secret is shown to an old session")
	}
	s.post("/settings/confirm", "next", "/settings/second-factor", "current_password", pagePassword).want(200)
	if s.ByID("factor-secret") == nil {
		t.Error("the password does not lead to the secret")
	}
}
