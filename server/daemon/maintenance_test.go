package daemon

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
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

// TestDamagedMessagesAreReported: the admins read of damaged messages once a reader has come across them, and again a day later at the
// earliest, if there are more.
func TestDamagedMessagesAreReported(t *testing.T) {
	m, told := verifier(t, t.TempDir())
	u := db.User{Username: "ann", Email: "ann@example.org"}
	if err := m.d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := db.NewTopic("ops", u)
	if err := m.d.CreateTopic(&topic, db.By{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+m.d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	spoil := func() string {
		message := &db.Message{TopicID: topic.ID, Topic: "ops", Body: "the disk is full", Priority: 3}
		if err := m.d.Publish(message, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Exec("update message set body = 'x' where id = ?", int64(message.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := m.d.Message(t.Context(), topic.ID, message.ID); err != nil {
			t.Fatal(err)
		}
		return "/api/ops/messages/" + message.ID.String()
	}
	m.noteDamage(t.Context())
	if len(*told) != 0 {
		t.Fatalf("told of a sound store: %q", *told)
	}
	first := spoil()
	for range 2 {
		m.noteDamage(t.Context())
	}
	if len(*told) != 1 || !strings.Contains((*told)[0], first) {
		t.Errorf("told %q, want once, with %s", *told, first)
	}
	second := spoil()
	if m.noteDamage(t.Context()); len(*told) != 1 {
		t.Errorf("told again within a day: %q", *told)
	}
	m.damageNoted = m.damageNoted.Add(-24 * time.Hour)
	for range 2 {
		m.noteDamage(t.Context())
	}
	if len(*told) != 2 || !strings.Contains((*told)[1], first+", "+second) {
		t.Errorf("told %q, want again, with %s and %s", *told, first, second)
	}
	list := Diagnose(m.c, m.d)
	if !slices.ContainsFunc(list, func(d Diagnosis) bool { return d.State == Bad && strings.Contains(d.Text, second) }) {
		t.Errorf("the page of the server says %v", list)
	}
}

// TestADiskThatIsNearlyFullIsReported: the admins read of it once a day, while messages still fit.
func TestADiskThatIsNearlyFullIsReported(t *testing.T) {
	m, told := verifier(t, "")
	m.noteDisk(t.Context())
	free, _, ok := m.d.DiskFree()
	if !ok || len(*told) != 0 {
		t.Fatalf("told %q of %d bytes; want nothing on a disk with room", *told, free)
	}
	d, err := db.Open(t.TempDir(), db.Options{MinFree: free / 3 * 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m.d = d
	topic := dbtest.Topic(t, d, "ops-east")
	for range 2 {
		m.noteDisk(t.Context())
		if len(*told) != 1 || !strings.HasPrefix((*told)[0], "The disk is nearly full: ") {
			t.Errorf("told %q, want that the disk is nearly full, once", *told)
		}
	}
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); err != nil {
		t.Errorf("Publish while the disk is nearly full: %v", err)
	}
}
