package auth_test

import (
	"errors"
	"strings"
	"testing"

	"notifer/server/auth"
)

// TestLongPasswordsAreNotCut signs nobody in with the first characters of the right password.
func TestLongPasswordsAreNotCut(t *testing.T) {
	f := newForge(t)
	long := strings.Repeat("x7Kq9m-L", 16)
	addUser(t, f.a, f.d, "eve", long, false)
	if _, err := f.a.VerifyPassword(t.Context(), "eve@home.example", long); err != nil {
		t.Errorf("128 characters: %v", err)
	}
	for _, p := range []string{long[:72], long[:127], long + "x", ""} {
		if _, err := f.a.VerifyPassword(t.Context(), "eve@home.example", p); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%d characters: %v, want not authenticated", len(p), err)
		}
	}
}
