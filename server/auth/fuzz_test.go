package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"notifer/server/auth"
)

// FuzzTokenText: a text is sound in exactly one spelling, and what is not sound never costs a look-up or a hash.
func FuzzTokenText(f *testing.F) {
	good := auth.NewToken()
	for _, s := range []string{good, good + "\n", " " + good, good[:45], good[:45] + "x", "tk_", "", "noti_", auth.NewKey(), strings.ToUpper(good),
		"tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc", "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX", "tk_\x00", "tk_" + strings.Repeat("é", 43)} {
		f.Add(s)
	}
	forge := newForge(f)
	f.Fuzz(func(t *testing.T, s string) {
		sound := auth.CheckToken(s) == auth.Sound
		if sound && (len(s) != 46 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "") {
			t.Errorf("CheckToken(%q) is sound", s)
		}
		for i := range s {
			if sound && auth.CheckToken(s[:i]+"~"+s[i+1:]) == auth.Sound {
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

// FuzzStoredHash: a damaged or planted hash neither matches nor costs more than the bounds allow.
func FuzzStoredHash(f *testing.F) {
	h := auth.NewHasher(auth.Params{Memory: 64, Time: 1, Threads: 1}, 1)
	good, err := h.Hash(context.Background(), "right")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$$",
		"$$$$$", "$argon2id$v=19$m=-1,t=-1,p=-1$AAAA$AAAA", strings.Replace(good, "t=1", "t=64", 1), good + "$", strings.TrimRight(good, "=")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		if strings.Contains(stored, "m=") && !strings.Contains(stored, "m=64,t=1,") {
			return // costs within the bounds are allowed, and slow
		}
		if ok, _ := h.VerifyPassword(context.Background(), "wrong", stored, ""); ok {
			t.Errorf("%q matches a wrong password", stored)
		}
	})
}
