package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"testing"
	"time"

	"notifer/server/auth"
)

// TestPassedNeedsThePassword: what a copy of the store holds, the JWT key and the password's hash, makes no proof that the password was
// given; nor does the proof of a process outlive it.
func TestPassedNeedsThePassword(t *testing.T) {
	f, ctx := newForge(t), context.Background()
	u, err := f.d.User(ctx, f.grant.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	text := f.a.PasswordPassed(&u)
	if got, err := f.a.PassedAccount(ctx, text); err != nil || got.ID != u.ID {
		t.Fatalf("PassedAccount = %s, %v; want the account", got.ID, err)
	}
	until := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
	mac := hmac.New(sha256.New, f.key)
	mac.Write([]byte("password passed\x00" + u.ID + "\x00" + until + "\x00" + u.PasswordHash))
	forged := u.ID + "." + until + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	if _, err := f.a.PassedAccount(ctx, forged); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("made from the store: %v, want refused", err)
	}
	again, err := auth.New(ctx, f.d, cheap)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.PassedAccount(ctx, text); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("after a restart: %v, want refused", err)
	}
}
