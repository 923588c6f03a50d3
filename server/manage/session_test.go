package manage_test

import (
	"slices"
	"testing"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
)

// TestSignOut: each way of signing out ends its sessions and no others, and is an event of the account.
func TestSignOut(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	u := &h.ann.User
	signIn := func() string {
		g, err := h.auth.SignIn(t.Context(), *u, "curl", "192.0.2.1", auth.APISession)
		if err != nil {
			t.Fatal(err)
		}
		return g.Session.ID
	}
	want := func(what string, sessions ...string) {
		t.Helper()
		list, err := h.d.Sessions(t.Context(), u.ID)
		var have []string
		for _, s := range list {
			have = append(have, s.ID)
		}
		slices.Sort(have)
		slices.Sort(sessions)
		if err != nil || !slices.Equal(have, sessions) {
			t.Errorf("%s: sessions %v, %v, want %v", what, have, err, sessions)
		}
	}
	phone, laptop, desk := signIn(), signIn(), signIn()
	by := db.By{ID: u.ID, Name: u.Username}
	wantKind(t, "sign out", h.SignOut(u, phone, by), nil)
	want("signed out", laptop, desk)
	wantKind(t, "sign out twice", h.SignOut(u, phone, by), nil)
	wantKind(t, "sign out elsewhere", h.SignOutElsewhere(u, laptop, by), nil)
	want("signed out elsewhere", desk)
	signIn()
	wantKind(t, "sign out everywhere", h.SignOutEverywhere(u, by), nil)
	want("signed out everywhere")
	list, _, err := h.Events(t.Context(), manage.EventQuery{User: u.Username, Kind: "sign-ins", Limit: 20})
	var details []string
	for _, e := range list {
		if e.Verb == "account.sign_out" {
			details = append(details, e.Detail)
		}
	}
	if err != nil || !slices.Equal(details, []string{"all sessions", "another session", ""}) {
		t.Errorf("sign-outs recorded: %q, %v", details, err)
	}
}
