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

// A refresh secret that comes again after its grace period was stolen, or its successor was: the session ends for both who hold one.
func TestARefreshUsedTwiceEndsTheSession(t *testing.T) {
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	u := db.User{Email: "ann@home.example", Username: "ann", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	sign := func(name string) {
		s := db.Session{UserID: u.ID, SIDHash: []byte("sid " + name), RefreshHash: []byte(name + "1"), ExpiresAt: c.Now().Add(time.Hour)}
		if err := d.CreateSession(&s, u.PasswordHash); err != nil {
			t.Fatal(err)
		}
	}
	sign("a")
	sign("b")
	refresh := func(old, next string, want error) {
		t.Helper()
		if _, err := d.Refresh([]byte(old), []byte(next), time.Minute, c.Now().Add(time.Hour), 24*time.Hour); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", old, err, want)
		}
	}
	left := func(want int) {
		t.Helper()
		if list, err := d.Sessions(t.Context(), u.ID); err != nil || len(list) != want {
			t.Errorf("%d sessions, %v; want %d", len(list), err, want)
		}
	}
	refresh("a1", "a2", nil)
	refresh("b1", "b2", nil)
	refresh("a1", "a2", nil) // the reply was lost
	refresh("never", "a9", db.ErrNotFound)
	left(2)
	c.add(2 * time.Minute)
	refresh("a1", "a2", db.ErrNotFound)
	left(1)
	refresh("a2", "a3", db.ErrNotFound)
	refresh("b2", "b3", nil)
	var ended int
	list, err := d.AccountEvents(t.Context(), db.EventFilter{Limit: 10})
	for _, e := range list {
		if e.Verb == "account.sign_out" && e.TargetID == u.ID {
			ended++
		}
	}
	if err != nil || ended != 1 {
		t.Errorf("the activity log has %d ends of sessions, %v; want 1", ended, err)
	}
}
