package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
)

// FuzzTokenText: a text is sound in exactly one spelling, and what is not sound never costs a look-up or a hash.
func FuzzTokenText(f *testing.F) {
	good := secrets.NewToken()
	for _, s := range []string{good, good + "\n", " " + good, good[:45], good[:45] + "x", "tk_", "", "noti_", secrets.NewKey(), strings.ToUpper(good),
		"tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc", "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX", "tk_\x00", "tk_" + strings.Repeat("é", 43)} {
		f.Add(s)
	}
	forge := newForge(f)
	f.Fuzz(func(t *testing.T, s string) {
		sound := secrets.CheckToken(s) == secrets.Sound
		if sound && (len(s) != 46 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "") {
			t.Errorf("CheckToken(%q) is sound", s)
		}
		for i := range s {
			if sound && secrets.CheckToken(s[:i]+"~"+s[i+1:]) == secrets.Sound {
				t.Errorf("%q is sound with its character %d changed", s, i)
			}
		}
		if _, err := forge.a.Authenticate(context.Background(), auth.Presented{TopicToken: s}); s != "" && !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("Authenticate(%q) = %v, want not authenticated", s, err)
		}
	})
}

// FuzzJWT: nothing but the text that was given out signs in.
func FuzzJWT(f *testing.F) {
	forge := newForge(f)
	f.Add(forge.grant.Access)
	for _, s := range forge.forged() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || s == forge.grant.Access {
			return
		}
		if err := forge.present(s); err == nil {
			t.Errorf("%q signs in", s)
		}
	})
}
