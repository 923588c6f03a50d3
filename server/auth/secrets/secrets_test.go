package secrets_test

import (
	"testing"

	"notifer/server/auth/secrets"
)

func TestTokenVector(t *testing.T) {
	const vector = "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX"
	if f := secrets.CheckToken(vector); f != secrets.Sound {
		t.Fatalf("CheckToken(%q) = %q, want sound", vector, f)
	}
}

func TestSecretFaults(t *testing.T) {
	token, key := secrets.NewToken(), secrets.NewKey()
	if len(token) != 46 || len(key) != 37 {
		t.Fatalf("lengths %d and %d, want 46 and 37", len(token), len(key))
	}
	swapped := token[:10] + string(token[11]) + string(token[10]) + token[12:]
	if token[10] == token[11] {
		swapped = token[:10] + "!" + token[11:]
	}
	for _, c := range []struct {
		text string
		want secrets.Fault
	}{
		{token, secrets.Sound},
		{token + "\n", secrets.Extra},
		{`"` + token + `"`, secrets.Extra},
		{swapped, secrets.Mistyped},
		{token[:40], secrets.Mistyped},
		{token[:20] + "-" + token[21:], secrets.Mistyped},
		{key, secrets.Foreign},
		{"", secrets.Foreign},
	} {
		if got := secrets.CheckToken(c.text); got != c.want {
			t.Errorf("CheckToken(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if got := secrets.CheckKey(key); got != secrets.Sound {
		t.Errorf("CheckKey(%q) = %q", key, got)
	}
}
