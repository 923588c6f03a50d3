package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"notifer/db"
	"notifer/server/config"
)

// notes collects what the admins are told.
type notes []string

func (n *notes) write(_ context.Context, title, text string, priority int) error {
	*n = append(*n, title+": "+text)
	return nil
}

func verifier(t *testing.T, dir string) (*maintenance, *notes) {
	d, _ := openStore(t)
	told := &notes{}
	c := &config.Config{Backup: config.Backup{Dir: dir, Keep: 3, Verify: config.Duration(168 * time.Hour)}}
	return &maintenance{d: d, c: c, log: slog.New(slog.DiscardHandler), notify: told.write}, told
}

func TestBackupsAreRestoredForATrial(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copies [1]")
	os.MkdirAll(filepath.Join(dir, ".verify-killed"), 0o700)
	m, told := verifier(t, dir)
	if pause := m.verify(t.Context(), 168*time.Hour); pause != 10*time.Minute || len(*told) != 0 {
		t.Errorf("without a backup: again in %v, told %q; want ten minutes and nothing", pause, *told)
	}
	if err := m.backup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pause := m.verify(t.Context(), 168*time.Hour); pause != 168*time.Hour {
		t.Errorf("again in %v, want a week", pause)
	}
	if len(*told) != 1 || !strings.HasPrefix((*told)[0], "The newest backup can be restored: notifer-") {
		t.Errorf("told %q", *told)
	}
	if age := time.Since(lastVerified(t.Context(), m.d)); age > time.Minute {
		t.Errorf("the last trial was %v ago", age)
	}
	if left, _ := filepath.Glob(filepath.Join(strings.ReplaceAll(dir, "[", `\[`), ".verify-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A backup that is damaged in the middle of a message is found, and the admins are told once a day until it is replaced.
func TestDamagedBackupsAreReported(t *testing.T) {
	dir := t.TempDir()
	m, told := verifier(t, dir)
	u := db.User{Username: "ann", Email: "ann@example.org"}
	if err := m.d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := db.NewTopic("ops", u)
	if err := m.d.CreateTopic(&topic, db.By{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := m.d.Publish(&db.Message{TopicID: topic.ID, Topic: "ops", Body: "the disk is full", Priority: 3}, nil); err != nil {
		t.Fatal(err)
	}
	if err := m.backup(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, _ := scheduledBackups(dir, time.Now())
	text, _ := os.ReadFile(names[0])
	os.WriteFile(names[0], []byte(strings.ReplaceAll(string(text), "the disk is full", "the disk is FULL")), 0o600)
	if pause := m.verify(t.Context(), 168*time.Hour); pause != verifyRetry {
		t.Errorf("again in %v, want %v", pause, verifyRetry)
	}
	if len(*told) != 1 || !strings.Contains((*told)[0], "do not match their checksums") {
		t.Errorf("told %q", *told)
	}
	if !lastVerified(t.Context(), m.d).IsZero() {
		t.Error("the trial counts as done")
	}
}

// A backup that cannot be made is in the admins' inboxes, once a day, and a trial restore has nothing to add.
func TestFailedBackupsAreReported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m, told := verifier(t, filepath.Join(file, "copies"))
	for range 2 {
		if pause := m.tryBackup(t.Context(), 24*time.Hour); pause != backupRetry {
			t.Errorf("again in %v, want %v", pause, backupRetry)
		}
	}
	if pause := m.verify(t.Context(), 168*time.Hour); pause != verifyWait {
		t.Errorf("a trial again in %v, want %v", pause, verifyWait)
	}
	if len(*told) != 1 || !strings.HasPrefix((*told)[0], "The scheduled backup failed: No backup could be made in "+m.c.Backup.Dir) {
		t.Errorf("told %q", *told)
	}
	m.backupNoted = m.backupNoted.Add(-24 * time.Hour)
	if m.tryBackup(t.Context(), 24*time.Hour); len(*told) != 2 {
		t.Errorf("told %d times, want again after a day", len(*told))
	}
}

// The disk that has no room for a backup may have none for the notice either: that is written as soon as it can be.
func TestNoticesWaitForRoom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m, told := verifier(t, filepath.Join(file, "copies"))
	full := true
	m.notify = func(ctx context.Context, title, text string, priority int) error {
		if full {
			return fmt.Errorf("publish: %w", db.ErrFull)
		}
		return told.write(ctx, title, text, priority)
	}
	for range 3 {
		m.tryBackup(t.Context(), 24*time.Hour)
		m.noteSize(t.Context())
		full = false
	}
	if len(*told) != 2 {
		t.Errorf("with room again: told %q, want the backup and the size, once each", *told)
	}
}

// A trial without room says nothing against the backup, and one of a file that is no database names it once.
func TestWhyATrialFailed(t *testing.T) {
	dir := t.TempDir()
	m, told := verifier(t, dir)
	m.noteFailedTrial(t.Context(), "notifer-x.db", fmt.Errorf("restore: %w", db.ErrFull))
	name := filepath.Join(dir, backupName(time.Now()))
	if err := os.WriteFile(name, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	m.verify(t.Context(), 168*time.Hour)
	if len(*told) != 2 || !strings.HasPrefix((*told)[0], "No room to try the newest backup: ") {
		t.Fatalf("told %q", *told)
	}
	if text := (*told)[1]; !strings.HasPrefix(text, "The newest backup cannot be restored: ") || strings.Contains(text, dir) || strings.Contains(text, "choose a backup") {
		t.Errorf("told %q", text)
	}
}

func TestRepeatKeepsItsInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * time.Hour
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		var at []time.Duration
		pauses := []time.Duration{7 * day, day, 7 * day, 7 * day}
		repeat(ctx, 3*day, func() time.Duration {
			at = append(at, time.Since(began))
			if len(at) == len(pauses) {
				stop()
			}
			return pauses[len(at)-1]
		})
		for i, want := range []time.Duration{3 * day, 10 * day, 11 * day, 18 * day} {
			if off := at[i] - want; off < 0 || off > time.Duration(i+1)*dueEvery {
				t.Errorf("time %d came after %v, want %v", i, at[i], want)
			}
		}
	})
}
