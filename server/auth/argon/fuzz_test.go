package argon_test

import (
	"context"
	"strings"
	"testing"

	"notifer/server/auth/argon"
)

// FuzzStoredHash: a damaged or planted hash neither matches nor costs more than the bounds allow.
func FuzzStoredHash(f *testing.F) {
	h := argon.New(argon.Params{Memory: 64, Time: 1, Threads: 1}, 1)
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
