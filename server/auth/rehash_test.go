package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/auth/argon"
)

// TestHashesFollowTheCosts raises the costs: a sign-in renews the hash of its account and ends no session, and until all are
// renewed an unknown account is hashed with the costs of one of the stored ones.
func TestHashesFollowTheCosts(t *testing.T) {
	ctx, d := t.Context(), dbtest.New(t)
	old, err := New(ctx, d, Options{Params: argon.Params{Memory: 64, Time: 1, Threads: 1}, AccessTTL: time.Hour, RefreshTTL: time.Hour, SessionMax: time.Hour, MaxTokens: 9})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		name := fmt.Sprint("user", i)
		hash, err := old.HashPassword(ctx, "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.CreateUser(&db.User{Email: name + "@home.example", Username: name, PasswordHash: hash, IsAdmin: i == 0}); err != nil {
			t.Fatal(err)
		}
	}
	u, err := old.VerifyPassword(ctx, "user0", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.SignIn(ctx, u, "test", "", BrowserCookie); err != nil {
		t.Fatal(err)
	}
	a, err := New(ctx, d, Options{Params: argon.Params{Memory: 128, Time: 2, Threads: 1}, AccessTTL: time.Hour, RefreshTTL: time.Hour, SessionMax: time.Hour, MaxTokens: 9})
	if err != nil {
		t.Fatal(err)
	}
	costs := func() map[uint32]int {
		seen := map[uint32]int{}
		for i := range 200 {
			decoy, err := d.DecoyHash(ctx, a.decoy(fmt.Sprint("nobody", i)))
			if err != nil {
				t.Fatal(err)
			}
			p, _, _, err := argon2id.DecodeHash(a.hasher.Unmatchable(decoy))
			if err != nil {
				t.Fatal(err)
			}
			seen[p.Memory]++
		}
		return seen
	}
	if seen := costs(); seen[64] != 200 {
		t.Errorf("costs of unknown accounts: %v, want those of the stored hashes", seen)
	}
	if _, err := a.VerifyPassword(ctx, "user0", "wrong horse"); err == nil {
		t.Fatal("a wrong password went through")
	}
	if seen := costs(); seen[64] != 200 {
		t.Error("a wrong password renewed the hash")
	}
	renewed, err := a.VerifyPassword(ctx, "user0", "correct horse")
	if err != nil || !strings.Contains(renewed.PasswordHash, "m=128,t=2") {
		t.Errorf("hash after a sign-in: %s, %v; want the new costs", renewed.PasswordHash, err)
	}
	if _, err := a.SignIn(ctx, renewed, "test", "", BrowserCookie); err != nil {
		t.Errorf("SignIn with the renewed hash: %v", err)
	}
	if list, err := d.Sessions(ctx, u.ID); err != nil || len(list) != 2 {
		t.Errorf("%d sessions, %v; want both", len(list), err)
	}
	if seen := costs(); seen[128] < 20 || seen[128] > 90 {
		t.Errorf("costs of unknown accounts: %v, want about a quarter of the new ones", seen)
	}
	if a.decoy("nobody") != a.decoy("NOBODY ") {
		t.Error("the costs for one unknown login change with its spelling")
	}
}
