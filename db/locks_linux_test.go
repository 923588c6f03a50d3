package db_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestStoreStaysLockedAgainstOtherPrograms asks for the lock that everyone who uses an SQLite database holds on it, after what opens
// the file otherwise. Without it, the shell of SQLite (before 3.51) takes itself for the last user when it ends, and deletes the WAL that
// the store writes.
func TestStoreStaysLockedAgainstOtherPrograms(t *testing.T) {
	d := dbtest.New(t)
	f, err := os.Open(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	check := func(after string) {
		t.Helper()
		lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 1<<30 + 2, Len: 510}
		if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
			t.Fatal(err)
		}
		if lock.Type == unix.F_UNLCK {
			t.Errorf("after %s the store has no lock on its database", after)
		}
	}
	check("opening")
	for i := range 80 { // more pages than the WAL has before a checkpoint
		if err := d.SetSetting("x", bytes.Repeat([]byte{byte(i)}, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	check("a checkpoint")
	if err := db.Backup(t.Context(), filepath.Dir(d.Path()), filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Fatal(err)
	}
	check("a backup")
}
