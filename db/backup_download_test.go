package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestCopyIsABackupThatGoesAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := openAt(t, dir, newClock())
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one", "two")
	kept := filepath.Join(t.TempDir(), "kept.db")
	err := d.Copy(context.Background(), func(f *os.File) error {
		if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("copy: %v, %v; want mode 0600", info, err)
		}
		if err := d.Copy(context.Background(), nil); !errors.Is(err, db.ErrCopying) {
			t.Errorf("a second copy = %v, want %v", err, db.ErrCopying)
		}
		text, err := io.ReadAll(f)
		return errors.Join(err, os.WriteFile(kept, text, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNoCopy(t, dir)
	if err := d.NoteBackup(); err != nil {
		t.Fatal(err)
	}
	if at, err := d.LastBackup(context.Background()); err != nil || !at.Equal(d.Now().Truncate(time.Millisecond)) {
		t.Errorf("LastBackup = %v, %v, want %v", at, err, d.Now())
	}
	again := t.TempDir()
	if _, err := db.Restore(context.Background(), again, kept); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(bodies(t, openAt(t, again, newClock()), topic.ID)); got != "[one two]" {
		t.Errorf("restored %v, want [one two]", got)
	}
}

// wantNoCopy looks for files of a copy in a data directory.
func wantNoCopy(t *testing.T, dir string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name(), "notifer-") {
			t.Errorf("%s is left in the data directory", e.Name())
		}
	}
}

func TestFailedCopyLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := openAt(t, dir, newClock())
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := d.Copy(gone, func(*os.File) error { return nil }); err == nil {
		t.Error("a copy for a client that has left was made")
	}
	wantNoCopy(t, dir)
	broken := errors.New("the client left")
	if err := d.Copy(context.Background(), func(*os.File) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Copy = %v, want %v", err, broken)
	}
	wantNoCopy(t, dir)
	if at, err := d.LastBackup(context.Background()); err != nil || !at.IsZero() {
		t.Errorf("LastBackup after failed copies = %v, %v, want none", at, err)
	}
}

func TestCopyLeavesRoomForPublishing(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{MinFree: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Copy(context.Background(), nil); !errors.Is(err, db.ErrFull) {
		t.Errorf("Copy = %v, want %v", err, db.ErrFull)
	}
	wantNoCopy(t, dir)
}

// TestKilledCopyIsRemoved: whoever holds the lock knows that no copy is under way.
func TestKilledCopyIsRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"notifer-download.db", "notifer-download.db.part", "notifer-download.db.part-journal"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	d, err := lock.OpenStore(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	wantNoCopy(t, dir)
}
