// Package dbtest opens real stores for tests.
package dbtest

import (
	"testing"

	"notifer/db"
)

// New opens an empty store in a directory that goes away with the test.
func New(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(t.TempDir(), db.Options{})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return d
}

// Topic makes a user and a private topic of that name.
func Topic(t testing.TB, d *db.DB, name string) db.Topic {
	t.Helper()
	u := db.User{Email: name + "@home.example", Username: name, PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatalf("create user: %v", err)
	}
	p := db.NewTopic(name, u)
	if err := d.CreateTopic(&p, db.By{Name: u.Username}); err != nil {
		t.Fatalf("create topic: %v", err)
	}
	return p
}
