package auth_test

import (
	"testing"

	"notifer/server/auth"
)

func TestTokenVector(t *testing.T) {
	const vector = "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX"
	if f := auth.CheckToken(vector); f != auth.Sound {
		t.Fatalf("CheckToken(%q) = %q, want sound", vector, f)
	}
}

func TestSecretFaults(t *testing.T) {
	token, key := auth.NewToken(), auth.NewKey()
	if len(token) != 46 || len(key) != 37 {
		t.Fatalf("lengths %d and %d, want 46 and 37", len(token), len(key))
	}
	swapped := token[:10] + string(token[11]) + string(token[10]) + token[12:]
	if token[10] == token[11] {
		swapped = token[:10] + "!" + token[11:]
	}
	for _, c := range []struct {
		text string
		want auth.Fault
	}{
		{token, auth.Sound},
		{token + "\n", auth.Extra},
		{`"` + token + `"`, auth.Extra},
		{swapped, auth.Mistyped},
		{token[:40], auth.Mistyped},
		{token[:20] + "-" + token[21:], auth.Mistyped},
		{key, auth.Foreign},
		{"", auth.Foreign},
	} {
		if got := auth.CheckToken(c.text); got != c.want {
			t.Errorf("CheckToken(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if got := auth.CheckKey(key); got != auth.Sound {
		t.Errorf("CheckKey(%q) = %q", key, got)
	}
}
