package db_test

import (
	"errors"
	"testing"
	"time"

	"notifer/db"
)

// A refresh secret that was traded is accepted for a minute after that, not for a minute after each time it is repeated.
func TestGraceOfARefreshEnds(t *testing.T) {
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	u := db.User{Email: "ann@home.example", Username: "ann", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	first, second := []byte("first"), []byte("second")
	s := db.Session{UserID: u.ID, SIDHash: []byte("sid"), RefreshHash: first, ExpiresAt: c.Now().Add(time.Hour)}
	if err := d.CreateSession(&s, u.PasswordHash); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait time.Duration
		want error
	}{{0, nil}, {40 * time.Second, nil}, {40 * time.Second, db.ErrNotFound}} {
		c.add(step.wait)
		if _, err := d.Refresh(first, second, time.Minute, c.Now().Add(time.Hour), 24*time.Hour); !errors.Is(err, step.want) {
			t.Errorf("after %s more: %v, want %v", step.wait, err, step.want)
		}
	}
}
