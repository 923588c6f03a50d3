// Package dbtest opens real stores for tests.
package dbtest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"notifer/db"
)

// empty is the file of a store that nothing has been written to. It is made once: the migrations take longer than most tests.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "notifer-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, db.FileName))
})

// New opens an empty store in a directory that goes away with the test.
func New(t testing.TB) *db.DB {
	t.Helper()
	dir := t.TempDir()
	file, err := empty()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, db.FileName), file, 0o600)
	}
	if err != nil {
		t.Fatalf("make store: %v", err)
	}
	d, err := db.Open(dir, db.Options{})
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
