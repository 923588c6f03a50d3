package db_test

import (
	"errors"
	"testing"

	"notifer/db"
)

// TestADisabledAdminIsNone: with no other one the server is not set up, so that somebody can still get in.
func TestADisabledAdminIsNone(t *testing.T) {
	d, err := db.Open(t.TempDir(), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.CreateUser(&db.User{Email: "ann@example.org", Username: "ann", IsAdmin: true, Disabled: true}); err != nil {
		t.Fatal(err)
	}
	if there, err := d.HasAdmin(t.Context()); there || err != nil {
		t.Errorf("HasAdmin with a disabled admin = %v, %v", there, err)
	}
	if err := d.CreateFirstAdmin(&db.User{Email: "bob@example.org", Username: "bob", IsAdmin: true}); err != nil {
		t.Errorf("the first admin beside a disabled one: %v", err)
	}
	if err := d.CreateFirstAdmin(&db.User{Email: "eve@example.org", Username: "eve", IsAdmin: true}); !errors.Is(err, db.ErrSetUp) {
		t.Errorf("a second first admin: %v, want ErrSetUp", err)
	}
}
