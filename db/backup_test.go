package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir, copies := t.TempDir(), t.TempDir()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one", "two")
	target := filepath.Join(copies, "copy.db")
	if err := db.Backup(context.Background(), dir, target); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("copy: %v, %v; want mode 0600", info, err)
	}
	if at, err := d.LastBackup(context.Background()); err != nil || time.Since(at) > time.Minute {
		t.Errorf("LastBackup = %v, %v, want just now", at, err)
	}
	c.add(time.Minute)
	lost := publish(t, d, topic.ID, "lost")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := db.Restore(context.Background(), dir, target)
	if err != nil {
		t.Fatal(err)
	}
	c.add(time.Minute)
	d = openAt(t, dir, c)
	if got := fmt.Sprint(bodies(t, d, topic.ID)); got != "[one two]" {
		t.Errorf("restored %v, want what was there at the backup", got)
	}
	if next := publish(t, d, topic.ID, "next")[0]; next <= lost[0] {
		t.Errorf("id %s given after a restore, want above %s of the lost stretch", next, lost[0])
	}
	if err := db.CheckFile(context.Background(), kept); err != nil {
		t.Errorf("the replaced store: %v", err)
	}
}

func TestBackupRefusesTheStoreItself(t *testing.T) {
	dir := t.TempDir()
	openAt(t, dir, newClock())
	if err := db.Backup(context.Background(), dir, filepath.Join(dir, db.FileName)); err == nil {
		t.Error("backup onto the store itself worked")
	}
	if err := db.Backup(context.Background(), t.TempDir(), filepath.Join(dir, "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("backup of nothing: %v, want not exist", err)
	}
}

func TestRestoreRefusesWhatIsNoStore(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "good.db")
	if err := db.Backup(context.Background(), dir, good); err != nil {
		t.Fatal(err)
	}
	damaged := damage(t, good)
	text, empty := filepath.Join(t.TempDir(), "text"), filepath.Join(t.TempDir(), "empty")
	os.WriteFile(empty, nil, 0o600)
	os.WriteFile(text, []byte("not a database, only a long enough text to be read as a header of one hundred bytes ..............."), 0o600)
	for from, want := range map[string]string{
		damaged: "damaged", text: "does not begin as a SQLite database does", filepath.Join(dir, "absent"): "no such file", dir: "it is not a file",
		empty: "it is empty or belongs to another program",
	} {
		if _, err := db.Restore(context.Background(), dir, from); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SQL logic") {
			t.Errorf("Restore of %s: %v, want %q", from, err, want)
		}
		fresh := filepath.Join(t.TempDir(), "fresh")
		if _, err := db.Restore(context.Background(), fresh, from); err == nil {
			t.Errorf("restored %s into a new directory", from)
		}
		if _, err := os.Stat(fresh); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a refused restore of %s left its directory: %v", from, err)
		}
	}
	d = openAt(t, dir, c)
	if got := fmt.Sprint(bodies(t, d, topic.ID)); got != "[one]" {
		t.Errorf("after refused restores: %v, want the store untouched", got)
	}
}

// TestDeadLink: a data directory that is a link to nothing, as after its target was deleted, is called that.
func TestDeadLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "notifer")
	if err := os.Symlink("private/notifer", link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{link, filepath.Join(link, "data")} {
		if _, err := db.LockDir(dir); err == nil || !strings.Contains(err.Error(), link+" is a link to private/notifer, which does not exist") {
			t.Errorf("LockDir(%q) = %v", dir, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(filepath.Dir(link), "private", "notifer"), 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := db.LockDir(link)
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}

// damage overwrites the middle of a copy of a store.
func damage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text)/2+8192; i++ {
		text[i] = 0x5a
	}
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(damaged, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return damaged
}

func TestRestoreReplacesADamagedStore(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one")
	good := filepath.Join(t.TempDir(), "good.db")
	if err := db.Backup(context.Background(), dir, good); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, db.FileName)
	os.WriteFile(path, []byte("overwritten by something else, and not a database at all"), 0o600)
	if _, err := db.Open(dir, db.Options{}); !errors.Is(err, db.ErrCorrupt) {
		t.Fatalf("Open of a damaged store: %v, want ErrCorrupt", err)
	}
	if _, err := db.Restore(context.Background(), dir, good); err != nil {
		t.Fatal(err)
	}
	d = openAt(t, dir, c)
	if got := fmt.Sprint(bodies(t, d, topic.ID)); got != "[one]" {
		t.Errorf("restored %v, want [one]", got)
	}
}

// A program that has the database open, as Litestream always has, would go on with the one that is replaced.
func TestRestoreWaitsForOtherPrograms(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "good.db")
	if err := db.Backup(t.Context(), dir, good); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", filepath.Join(dir, db.FileName))
	if err != nil {
		t.Fatal(err)
	}
	reading, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := reading.QueryRow("select count(*) from message").Scan(new(int)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(t.Context(), dir, good); !errors.Is(err, db.ErrInUse) {
		t.Errorf("restore beside another program: %v, want ErrInUse", err)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "*.replaced-*")); len(kept) > 0 {
		t.Errorf("the store was set aside: %v", kept)
	}
	if err := errors.Join(reading.Rollback(), other.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(t.Context(), dir, good); err != nil {
		t.Errorf("restore after it ended: %v", err)
	}
}

// TestARemovedLockFileLetsNoSecondServerIn: it looks like rubbish to whoever tidies up a data directory.
func TestARemovedLockFileLetsNoSecondServerIn(t *testing.T) {
	dir := t.TempDir()
	start := func() (*db.Lock, *db.DB, error) {
		lock, err := db.LockDir(dir)
		if err != nil {
			return nil, nil, err
		}
		d, err := lock.OpenStore(dir, db.Options{})
		if err != nil {
			lock.Close()
		}
		return lock, d, err
	}
	first, d, err := start()
	if err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "good.db")
	if err := errors.Join(d.Backup(t.Context(), good), os.Remove(filepath.Join(dir, db.LockName))); err != nil {
		t.Fatal(err)
	}
	copying := filepath.Join(dir, "notifer-download.db.part")
	if err := os.WriteFile(copying, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := start(); !errors.Is(err, db.ErrRunning) || !contains(err, db.LockName) {
			t.Errorf("a second server after the lock file was removed: %v, want ErrRunning", err)
		}
	}
	if err := os.Remove(copying); err != nil {
		t.Errorf("a second server removed the copy that the first one makes: %v", err)
	}
	if _, err := db.Restore(t.Context(), dir, good); !errors.Is(err, db.ErrInUse) {
		t.Errorf("restore after the lock file was removed: %v, want ErrInUse", err)
	}
	if command, err := db.Open(dir, db.Options{}); err != nil {
		t.Errorf("a command beside the server: %v", err)
	} else if err := command.Close(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(d.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	second, d, err := start()
	if err != nil {
		t.Fatalf("after the first one ended: %v", err)
	}
	if err := errors.Join(d.Close(), second.Close()); err != nil {
		t.Error(err)
	}
}

func TestLockKeepsASecondServerOut(t *testing.T) {
	dir := t.TempDir()
	lock, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.LockDir(dir)
	if want := fmt.Sprint("process ", os.Getpid()); !errors.Is(err, db.ErrRunning) || !contains(err, want) {
		t.Errorf("second lock: %v, want ErrRunning with %q", err, want)
	}
	if _, err := db.Restore(context.Background(), dir, "x"); !errors.Is(err, db.ErrRunning) {
		t.Errorf("restore beside a server: %v, want ErrRunning", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := db.LockDir(dir)
	if err != nil {
		t.Fatalf("lock after it was freed: %v", err)
	}
	again.Close()
}

func contains(err error, text string) bool { return err != nil && strings.Contains(err.Error(), text) }

func TestVanishedStoreIsNotReplacedByAnEmptyOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, db.FileName)
	start := func() error {
		lock, err := db.LockDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Close()
		d, err := lock.OpenStore(dir, db.Options{})
		if err == nil {
			err = d.Close()
		}
		return err
	}
	for range 2 {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := start(); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("an emptied store: %v, want ErrCorrupt", err)
	}
	os.Remove(path)
	if err := start(); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("a removed store: %v, want ErrCorrupt", err)
	}
	os.Remove(filepath.Join(dir, db.LockName))
	if err := start(); err != nil {
		t.Errorf("after removing the lock file too: %v", err)
	}
}

// TestRestoreOfAReplacedStoreLeavesNothingBeside: it is in WAL mode, and reading it makes files that its reader cannot remove.
func TestRestoreOfAReplacedStoreLeavesNothingBeside(t *testing.T) {
	c := newClock()
	live := t.TempDir()
	d := openAt(t, live, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one")
	good := filepath.Join(t.TempDir(), "good.db")
	if err := errors.Join(d.Backup(t.Context(), good), d.Close()); err != nil {
		t.Fatal(err)
	}
	kept, err := db.Restore(t.Context(), live, good)
	if err != nil || kept == "" {
		t.Fatalf("Restore = %q, %v", kept, err)
	}
	if _, err := db.Restore(t.Context(), live, kept); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(kept + "-*"); len(left) > 0 {
		t.Errorf("left beside the copy: %q", left)
	}
}

// TestRestoreTakesTheWALOfItsCopyAlong restores a copy of the data directory's files, as a snapshot of the disk makes one: what
// was acknowledged last is only in the WAL.
func TestRestoreTakesTheWALOfItsCopyAlong(t *testing.T) {
	t.Parallel()
	c := newClock()
	live, dir := t.TempDir(), t.TempDir()
	d := openAt(t, live, c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one", "two")
	from := filepath.Join(t.TempDir(), "snapshot.db")
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(d.Path() + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(from+end, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Restore(context.Background(), dir, from); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(bodies(t, openAt(t, dir, c), topic.ID)); got != "[one two]" {
		t.Errorf("restored %s, want what the snapshot holds", got)
	}
	if info, err := os.Stat(from + "-wal"); err != nil || info.Size() == 0 {
		t.Errorf("the copy's own WAL after the restore: %v, %v", info, err)
	}
}

// TestBackupsToOneFile: of backups that write the same file at the same time one is made, and the others say why they are not.
func TestBackupsToOneFile(t *testing.T) {
	dir := t.TempDir()
	dbtest.Topic(t, openAt(t, dir, newClock()), "ops-east")
	target := filepath.Join(t.TempDir(), "copy.db")
	errs := make([]error, 6)
	var backups sync.WaitGroup
	for i := range errs {
		backups.Go(func() { errs[i] = db.Backup(t.Context(), dir, target) })
	}
	backups.Wait()
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !strings.Contains(err.Error(), "another backup"):
			t.Error(err)
		}
	}
	if made == 0 {
		t.Errorf("no backup was made: %v", errs)
	}
	if err := db.CheckFile(t.Context(), target); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(target + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestBackupsLeaveOutTheKeyOfJWTs: with it, whoever finds a backup could use the API as another account. The key of web push stays, since
// devices would otherwise have to subscribe again after a restore.
func TestBackupsLeaveOutTheKeyOfJWTs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	d := openAt(t, dir, newClock())
	topic := dbtest.Topic(t, d, "ops-east")
	signing, push := bytes.Repeat([]byte("signing!"), 4), bytes.Repeat([]byte("webpush!"), 4)
	if err := errors.Join(d.SetSetting(db.SigningKey, signing), d.SetSetting("push_key", push)); err != nil {
		t.Fatal(err)
	}
	publish(t, d, topic.ID, "one")
	copies := map[string]string{}
	for name, backup := range map[string]func(string) error{
		"of a command":  func(to string) error { return db.Backup(ctx, dir, to) },
		"of the server": func(to string) error { return d.Backup(ctx, to) },
		"for a download": func(to string) error {
			return d.Copy(ctx, func(f *os.File) error {
				text, err := io.ReadAll(f)
				return errors.Join(err, os.WriteFile(to, text, 0o600))
			})
		},
	} {
		to := filepath.Join(t.TempDir(), "copy.db")
		copies[name] = to
		if err := backup(to); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, path := range copies {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, signing) {
			t.Errorf("the backup %s holds the key of JWTs", name)
		}
		if !bytes.Contains(text, push) {
			t.Errorf("the backup %s does not hold the key of web push", name)
		}
		if beside, _ := filepath.Glob(path + "?*"); beside != nil {
			t.Errorf("beside the backup %s: %v", name, beside)
		}
		again := t.TempDir()
		if _, err := db.Restore(ctx, again, path); err != nil {
			t.Fatalf("restore of the backup %s: %v", name, err)
		}
		restored := openAt(t, again, newClock())
		if got := fmt.Sprint(bodies(t, restored, topic.ID)); got != "[one]" {
			t.Errorf("restored from the backup %s: %v", name, got)
		}
		if _, err := restored.Setting(ctx, db.SigningKey); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the key of JWTs after a restore of the backup %s: %v, want %v", name, err, db.ErrNotFound)
		}
	}
	if key, err := d.Setting(ctx, db.SigningKey); err != nil || !bytes.Equal(key, signing) {
		t.Errorf("the server's own key after backups = %q, %v", key, err)
	}
}
