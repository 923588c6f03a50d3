package server_test

import (
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/api"
)

// TestChangeEmail: the password is asked for, an address in use is refused, and signing in takes the new one from then on.
func TestChangeEmail(t *testing.T) {
	s := newSite(t)
	tom := s.stranger().signIn("tom")
	tom.get("/settings").want(200).says("tom@home.example")
	tom.post("/settings", "email", "thomas@home.example").want(422).says("That is not your password.")
	tom.post("/settings", "email", "thomas@home.example", "current_password", "wrong").want(422).says("That is not your password.")
	tom.post("/settings", "email", "not an email", "current_password", pagePassword).want(422).says("That is not an email address.")
	tom.post("/settings", "email", "maria@home.example", "current_password", pagePassword).want(409).says("Another account has this email address.")
	tom.post("/settings", "email", " Thomas@home.example", "current_password", pagePassword).want(200).says("From now on, sign in with thomas@home.example.")
	s.stranger().post("/login", "email", "tom@home.example", "password", pagePassword).want(401)
	s.stranger().post("/login", "email", "thomas@home.example", "password", pagePassword).want(200)
	s.stranger().post("/login", "email", "tom", "password", pagePassword).want(200)
}

func TestChangeEmailByAPI(t *testing.T) {
	h := newHome(t, server.Config{})
	bob := h.user("bob")
	to := func(email, password string) api.UserRequest {
		return api.UserRequest{Email: &email, CurrentPassword: password}
	}
	h.call("PATCH", "/api/users/me", bob.AccessToken, to("robert@home.example", ""), 422, nil)
	h.call("PATCH", "/api/users/me", bob.AccessToken, to("robert@home.example", "wrong"), 403, nil)
	h.call("PATCH", "/api/users/me", bob.AccessToken, to("BOB@home.example", ""), 200, nil)
	var u api.User
	h.call("PATCH", "/api/users/me", bob.AccessToken, to("robert@home.example", pagePassword), 200, &u)
	if u.Email != "robert@home.example" {
		t.Errorf("email = %q", u.Email)
	}
	var key api.Key
	h.call("POST", "/api/keys", bob.AccessToken, api.KeyRequest{Name: "script"}, 201, &key)
	for _, body := range []string{`{"email":"other@home.example","current_password":"` + pagePassword + `"}`, `{"username":"robert"}`, `{"email":"robert@home.example"}`,
		`{"password":"another one of mine"}`, `{"is_admin":true}`, `{}`, `{`} { // its owner signs in with all of them
		rec := h.sent("PATCH", "/api/users/me", []byte(body), "X-API-Key", key.Key, "Content-Type", "application/json")
		if rec.Code != 403 || !strings.Contains(rec.Body.String(), "an API key cannot do this") {
			t.Errorf("an API key changes its owner's account by %s: %d %s", body, rec.Code, rec.Body)
		}
	}
	h.call("PATCH", "/api/users/"+u.ID, h.jwt, to("rob@home.example", ""), 200, &u) // an admin needs no password of others
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "rob@home.example", Password: pagePassword}, 200, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "robert@home.example", Password: pagePassword}, 401, nil)
}
