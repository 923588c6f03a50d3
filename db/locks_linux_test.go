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
	check := lockCheck(t, d)
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

// TestStoreStaysLockedOnAReadOnlyDisk makes a backup after the disk has become read-only, as it does after an error: SQLite cannot read
// the database there, so it is copied, and the disk may become writable again while the server runs.
func TestStoreStaysLockedOnAReadOnlyDisk(t *testing.T) {
	d := dbtest.New(t)
	check := lockCheck(t, d)
	if err := d.SetSetting("x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(d.Path())
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("no directory can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if err := unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Fatal(err)
	}
	check("a backup")
}

// lockCheck returns what fails when the store is not locked.
func lockCheck(t *testing.T, d *db.DB) func(after string) {
	t.Helper()
	f, err := os.Open(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return func(after string) {
		t.Helper()
		lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 1<<30 + 2, Len: 510}
		if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
			t.Fatal(err)
		}
		if lock.Type == unix.F_UNLCK {
			t.Errorf("after %s the store has no lock on its database", after)
		}
	}
}
