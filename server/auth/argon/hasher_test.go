package argon_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notifer/server/auth/argon"
)

// TestPermitsSurviveClientsThatHangUp lets callers leave at every stage of a check. Afterwards the hasher must work at its
// full width: a permit that is lost would make one of the parallel checks wait for ever.
func TestPermitsSurviveClientsThatHangUp(t *testing.T) {
	h := argon.New(argon.Params{Memory: 256, Time: 1, Threads: 1}, 2)
	stored, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*200*time.Microsecond)
			defer cancel()
			switch i % 3 {
			case 0:
				_, _ = h.VerifyPassword(ctx, "wrong", stored, "192.0.2.0/24")
			case 1:
				_, _ = h.VerifySecret(ctx, "wrong", stored)
			case 2:
				_, _ = h.Hash(ctx, "new")
			}
		})
	}
	all.Wait()
	deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 4 {
		all.Go(func() {
			ok, err := h.VerifySecret(deadline, "right", stored)
			if err != nil || !ok {
				t.Errorf("VerifySecret after the storm = %v, %v; want true", ok, err)
			}
			if _, err := h.Hash(deadline, "another"); err != nil {
				t.Errorf("Hash after the storm: %v", err)
			}
		})
	}
	all.Wait()
}

// TestPasswordQueueIsShort fills the permits and the queue; the next password is told to come back, at once.
func TestPasswordQueueIsShort(t *testing.T) {
	h := argon.New(argon.Params{Memory: 19456, Time: 2, Threads: 1}, 1)
	stored, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	var busy, checked atomic.Int32
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			switch _, err := h.VerifyPassword(t.Context(), "wrong", stored, "192.0.2.0/24"); {
			case errors.Is(err, argon.ErrBusy):
				busy.Add(1)
			case err == nil:
				checked.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	// One more is checked when Hash above has given back its permit by then.
	if busy.Load() == 0 || checked.Load() < 16 {
		t.Errorf("%d checked and %d told to come back, want at least 16 and some", checked.Load(), busy.Load())
	}
}

func TestStoredHashesOutOfBounds(t *testing.T) {
	h := argon.New(argon.Params{Memory: 64, Time: 1, Threads: 1}, 1)
	good, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.VerifyPassword(t.Context(), "right", good, ""); err != nil || !ok {
		t.Fatalf("the right password = %v, %v", ok, err)
	}
	for name, stored := range map[string]string{
		"4 GiB":       strings.Replace(good, "m=64", "m=4194304", 1),
		"no memory":   strings.Replace(good, "m=64", "m=0", 1),
		"many passes": strings.Replace(good, "t=1", "t=4294967295", 1),
		"no passes":   strings.Replace(good, "t=1", "t=0", 1),
		"no lanes":    strings.Replace(good, "p=1", "p=0", 1),
		"argon2i":     strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt":      "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"plain text":  "right",
		"no hash":     good[:strings.LastIndex(good, "$")+1],
		"short hash":  good[:strings.LastIndex(good, "$")+5],
		"empty":       "",
		"null":        "null",
	} {
		began := time.Now()
		if ok, _ := h.VerifyPassword(t.Context(), "right", stored, "192.0.2.0/24"); ok {
			t.Errorf("%s: matched", name)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
	for _, password := range []string{"", "null"} {
		if ok, _ := h.VerifyPassword(t.Context(), password, "", ""); ok {
			t.Errorf("password %q matched an empty hash", password)
		}
	}
}
