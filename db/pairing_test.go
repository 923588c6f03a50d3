package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestPairingsEndWithSessions: what ends an account's sessions ends the codes that were shown to them, which would yield others.
func TestPairingsEndWithSessions(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*db.DB, *db.User, string) error{
		"all sessions": func(d *db.DB, u *db.User, _ string) error { return d.EndSessions(u.ID, "") },
		"others":       func(d *db.DB, u *db.User, s string) error { return d.EndSessions(u.ID, s) },
		"one of them":  func(d *db.DB, u *db.User, s string) error { return d.EndOtherSession(u.ID, s) },
		"a second factor": func(d *db.DB, u *db.User, s string) error {
			return d.EnableSecondFactor(u, db.SecondFactor{Secret: []byte("x")}, nil, s)
		},
		"a new password":   change(func(u *db.User) { u.PasswordHash = "other" }),
		"a disabled owner": change(func(u *db.User) { u.Disabled = true }),
		"an end of the second factor": func(d *db.DB, u *db.User, s string) error {
			return d.DisableSecondFactor(u, s)
		},
	} {
		d := dbtest.New(t)
		u, err := d.User(context.Background(), dbtest.Topic(t, d, "door").OwnerID)
		if err != nil {
			t.Fatal(err)
		}
		if name == "an end of the second factor" {
			if err := d.EnableSecondFactor(&u, db.SecondFactor{Secret: []byte("x")}, nil, ""); err != nil {
				t.Fatal(err)
			}
		}
		s := db.Session{UserID: u.ID, SIDHash: []byte("of a cookie"), ExpiresAt: d.Now().Add(pairingLasts)}
		if err := d.CreateSession(&s, u.PasswordHash); err != nil {
			t.Fatal(err)
		}
		p := db.Pairing{UserID: u.ID, Name: "phone", Scopes: "subscribe", Topics: []string{"door"}, Fingerprint: []byte("of a code")}
		if err := d.CreatePairing(&p, pairingLasts); err != nil {
			t.Fatal(err)
		}
		if err := end(d, &u, s.ID); err != nil {
			t.Fatal(name, err)
		}
		if name == "a disabled owner" {
			if err := change(func(u *db.User) { u.Disabled = false })(d, &u, ""); err != nil {
				t.Fatal(err)
			}
		}
		k := db.Key{Fingerprint: []byte("of a key")}
		paired := db.Session{SIDHash: []byte("of another"), CreatedAt: d.Now(), ExpiresAt: d.Now().Add(pairingLasts)}
		if err := d.Pair(p.Fingerprint, &k, &paired); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("after %s a code pairs a device: %v", name, err)
		}
	}
}

const pairingLasts = 5 * time.Minute

func change(by func(*db.User)) func(*db.DB, *db.User, string) error {
	return func(d *db.DB, u *db.User, keep string) error {
		_, err := d.ChangeUser(u.ID, func(u *db.User) error { by(u); return nil }, db.Ends{KeepSession: keep})
		return err
	}
}
