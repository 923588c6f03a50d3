package server_test

import (
	"errors"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth"
)

func TestRefreshRotates(t *testing.T) {
	h := newHome(t, server.Config{})
	login := h.user("bob")
	var second, third api.Login
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 200, &second)
	h.call("GET", "/auth/me", second.AccessToken, nil, 200, nil)
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: second.RefreshToken}, 200, &third)
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 401, nil)
	h.call("GET", "/auth/me", third.RefreshToken, nil, 401, nil)
	h.call("POST", "/auth/logout", third.AccessToken, nil, 204, nil)
	for _, jwt := range []string{login.AccessToken, second.AccessToken, third.AccessToken} {
		h.call("GET", "/auth/me", jwt, nil, 401, nil)
	}
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: third.RefreshToken}, 401, nil)
}

// Two tabs that trade the same refresh token both go on with what they got.
func TestRefreshByTwoTabs(t *testing.T) {
	h := newHome(t, server.Config{})
	login := h.user("bob")
	var one, other api.Login
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 200, &one)
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 200, &other)
	for _, tab := range []api.Login{one, other} {
		h.call("GET", "/auth/me", tab.AccessToken, nil, 200, nil)
		h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: tab.RefreshToken}, 200, nil)
	}
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	h := newHome(t, server.Config{})
	here := h.user("bob")
	var there api.Login
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "BOB@home.example", Password: pagePassword}, 200, &there)
	change := api.PasswordRequest{CurrentPassword: "not it at all", NewPassword: "a better secret"}
	h.call("POST", "/auth/password", here.AccessToken, change, 403, nil)
	change.CurrentPassword = pagePassword
	h.call("POST", "/auth/password", here.AccessToken, change, 204, nil)
	h.call("GET", "/auth/me", here.AccessToken, nil, 200, nil)
	h.call("GET", "/auth/me", there.AccessToken, nil, 401, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob@home.example", Password: pagePassword}, 401, nil)
}

func TestDisabledOwnerStopsTokensUntilEnabled(t *testing.T) {
	h := newHome(t, server.Config{})
	ann := h.jwt
	bob := h.user("bob")
	h.jwt = bob.AccessToken
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "CI", "publish").Token
	h.call("POST", "/ops-east", token, "one", 200, nil)
	yes, no := true, false
	h.call("PATCH", "/api/users/"+bob.User.ID, ann, api.UserRequest{Disabled: &yes}, 200, nil)
	h.call("POST", "/ops-east", token, "two", 401, nil)
	h.call("GET", "/auth/me", bob.AccessToken, nil, 401, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob@home.example", Password: pagePassword}, 401, nil)
	h.call("PATCH", "/api/users/"+bob.User.ID, ann, api.UserRequest{Disabled: &no}, 200, nil)
	h.call("POST", "/ops-east", token, "three", 200, nil)
}

func TestLastAdminStays(t *testing.T) {
	h := newHome(t, server.Config{})
	var me api.User
	h.call("GET", "/auth/me", h.jwt, nil, 200, &me)
	yes, no := true, false
	h.call("DELETE", "/api/users/"+me.ID, h.jwt, nil, 409, nil)
	h.call("PATCH", "/api/users/"+me.ID, h.jwt, api.UserRequest{Disabled: &yes}, 409, nil)
	h.call("PATCH", "/api/users/"+me.ID, h.jwt, api.UserRequest{IsAdmin: &no}, 409, nil)
	h.call("GET", "/auth/me", h.jwt, nil, 200, nil)
}

func TestDeletedUserTakesTopicsAlong(t *testing.T) {
	h := newHome(t, server.Config{})
	ann := h.jwt
	bob := h.user("bob")
	h.jwt = bob.AccessToken
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "CI", "publish").Token
	h.call("DELETE", "/api/users/"+bob.User.ID, ann, nil, 204, nil)
	h.call("POST", "/ops-east", token, "x", 401, nil)
	h.call("GET", "/api/topics/ops-east", ann, nil, 404, nil)
}

func TestKeyNeverMintsScopesItLacks(t *testing.T) {
	h := newHome(t, server.Config{})
	create := func(by string, status int, scopes ...string) string {
		t.Helper()
		var k api.Key
		h.call("POST", "/api/keys", by, api.KeyRequest{Name: "k", Scopes: scopes}, status, &k)
		return k.Key
	}
	all := create(h.jwt, 201)
	narrow := create(all, 201, "publish")
	create(narrow, 403, "publish")
	create(h.jwt, 422, "everything")
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "k", "scopes": []string{}}, 422, nil)
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "k", "expires_at": ""}, 422, nil)
	var keys api.Keys
	h.call("GET", "/api/keys", all, nil, 200, &keys)
	if len(keys.Keys) != 2 || keys.Keys[0].Key != "" {
		t.Errorf("keys = %+v, want two without their secret", keys)
	}
}

func TestRegistrationIsOffUnlessConfigured(t *testing.T) {
	email, name, password := "eve@home.example", "eve", pagePassword
	in := api.UserRequest{Email: &email, Username: &name, Password: &password}
	newHome(t, server.Config{}).call("POST", "/auth/register", "", in, 403, nil)
	h := newHome(t, server.Config{Registration: true})
	var login api.Login
	h.call("POST", "/auth/register", "", in, 201, &login)
	if login.User.IsAdmin || login.AccessToken == "" {
		t.Errorf("registered %+v, want an ordinary signed-in user", login)
	}
	h.call("POST", "/auth/register", "", in, 409, nil)
	short := "short"
	in.Password = &short
	h.call("POST", "/auth/register", "", in, 422, nil)
}

func TestTokenTurnsWithItsTopic(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "CI", "publish").Token
	for _, c := range []struct {
		access string
		status int
	}{{db.Private, 200}, {db.Public, 403}, {db.Protected, 403}, {db.Private, 200}} {
		h.call("PATCH", "/api/topics/ops-east", h.jwt, api.TopicRequest{AccessLevel: &c.access}, 200, nil)
		h.call("POST", "/ops-east", token, "x", c.status, nil)
	}
	h.call("DELETE", "/api/topics/ops-east", h.jwt, nil, 204, nil)
	h.topic("ops-east", db.Private)
	h.call("POST", "/ops-east", token, "x", 401, nil)
	if n := h.s.Hub().Open(); n != 0 {
		t.Errorf("%d streams open, want none", n)
	}
}

// A password is checked a moment before the session begins: one that is changed in that moment begins none, since the change
// ends every session that rests on it.
func TestSignInByThePasswordBeforeAChange(t *testing.T) {
	h := newHome(t, server.Config{})
	h.user("bob")
	u, err := h.s.Auth().VerifyPassword(t.Context(), "bob", pagePassword)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.d.ChangeUser(u.ID, func(u *db.User) error { u.PasswordHash = "another hash"; return nil }, db.Ends{}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.Auth().SignIn(t.Context(), u, "", "", auth.APISession); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("SignIn after the password has changed = %v, want it refused", err)
	}
	if list, err := h.d.Sessions(t.Context(), u.ID); err != nil || len(list) != 0 {
		t.Errorf("%d sessions, %v; want none", len(list), err)
	}
}

// A new password ends the API keys too where that is asked for, and leaves them alone where it is not.
func TestPasswordChangeRevokesKeysOnDemand(t *testing.T) {
	h := newHome(t, server.Config{})
	login := h.user("bob")
	var key api.Key
	h.call("POST", "/api/keys", login.AccessToken, api.KeyRequest{Name: "cli", Scopes: []string{"*"}}, 201, &key)
	old, next := pagePassword, "a quiet green river"
	for _, revoke := range []bool{false, true} {
		h.call("POST", "/auth/password", login.AccessToken, api.PasswordRequest{CurrentPassword: old, NewPassword: next, RevokeKeys: revoke}, 204, nil)
		want := 200
		if revoke {
			want = 401
		}
		h.call("GET", "/auth/me", key.Key, nil, want, nil)
		old, next = next, old
	}
}
