package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"notifer/db"
	"notifer/server/config"
)

func openStore(t *testing.T) (*db.DB, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, dir
}

func TestScheduledBackupsKeepTheNewest(t *testing.T) {
	d, _ := openStore(t)
	dir := filepath.Join(t.TempDir(), "copies [1]") // not a pattern
	m := &maintenance{d: d, c: &config.Config{Backup: config.Backup{Dir: dir, Keep: 2}}, log: slog.New(slog.DiscardHandler)}
	os.MkdirAll(dir, 0o700)
	now := time.Now()
	foreign := filepath.Join(dir, "notifer-by-hand.db")
	for _, name := range []string{foreign, filepath.Join(dir, backupName(now.Add(-48*time.Hour))), filepath.Join(dir, backupName(now.Add(-24*time.Hour)))} {
		os.WriteFile(name, nil, 0o600)
	}
	if age := backupAge(dir, now); age < 23*time.Hour || age > 25*time.Hour {
		t.Errorf("backupAge = %v, want a day", age)
	}
	if err := m.backup(context.Background()); err != nil {
		t.Fatal(err)
	}
	names, err := scheduledBackups(dir, time.Now())
	if err != nil || len(names) != 2 {
		t.Fatalf("kept %v, %v; want 2", names, err)
	}
	if err := db.CheckFile(context.Background(), names[1]); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file made by hand went away: %v", err)
	}
}

// TestScheduledBackupsFromTheFuture: copies that were made while the clock ran ahead must not push out each new one.
func TestScheduledBackupsFromTheFuture(t *testing.T) {
	d, _ := openStore(t)
	dir := t.TempDir()
	m := &maintenance{d: d, c: &config.Config{Backup: config.Backup{Dir: dir, Keep: 2}}, log: slog.New(slog.DiscardHandler)}
	now := time.Now()
	for _, at := range []time.Duration{-24 * time.Hour, 87600 * time.Hour, 87624 * time.Hour} {
		os.WriteFile(filepath.Join(dir, backupName(now.Add(at))), nil, 0o600)
	}
	if err := m.backup(context.Background()); err != nil {
		t.Fatal(err)
	}
	if age := backupAge(dir, time.Now()); age > time.Hour {
		t.Errorf("backupAge = %v, want that of the copy just made", age)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 2 || names[0].Name() != backupName(now.Add(-24*time.Hour)) {
		t.Errorf("kept %v, %v; want the copy just made and yesterday's", names, err)
	}
}

// TestScheduledBackupsDropWhatAKillLeft: each copy has another name, so no later one takes the place of a half one.
func TestScheduledBackupsDropWhatAKillLeft(t *testing.T) {
	d, _ := openStore(t)
	dir := t.TempDir()
	m := &maintenance{d: d, c: &config.Config{Backup: config.Backup{Dir: dir, Keep: 2}}, log: slog.New(slog.DiscardHandler)}
	half, foreign := filepath.Join(dir, backupName(time.Now().Add(-time.Hour))+".part"), filepath.Join(dir, "by-hand.db.part")
	for _, name := range []string{half, foreign} {
		os.WriteFile(name, []byte("half"), 0o600)
	}
	if err := m.backup(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("the half copy: %v, want it gone", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file made by hand went away: %v", err)
	}
}

func TestWorkersAreStartedAgainAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		m := &maintenance{log: slog.New(slog.DiscardHandler)}
		starts := 0
		m.guard(ctx, "work", func(context.Context) {
			if starts++; starts == 3 {
				stop()
			}
			panic("boom")
		})
		if starts != 3 {
			t.Errorf("started %d times, want 3", starts)
		}
	})
}
