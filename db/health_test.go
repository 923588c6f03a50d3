package db_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestFullDiskRefusesMessagesOnlyAndIsToldByHealth(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "ops-east")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{MinFree: 1 << 60}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}
	if err := d.Publish(&m, nil); !errors.Is(err, db.ErrFull) {
		t.Fatalf("Publish on a full disk: %v, want ErrFull", err)
	}
	if err := d.Health(); !errors.Is(err, db.ErrFull) {
		t.Errorf("Health after a refused publish: %v, want ErrFull", err)
	}
	if err := d.SetSetting("x", []byte("y")); err != nil {
		t.Errorf("SetSetting on a full disk: %v, want room kept for it", err)
	}
	if err := d.Health(); !errors.Is(err, db.ErrFull) {
		t.Errorf("Health after another write went through: %v, want ErrFull still", err)
	}
}

func TestPanicInAWriteDoesNotStopTheStore(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops-east")
	_, err := d.SettingOr(context.Background(), "x", func() []byte { panic("boom") })
	if !contains(err, "boom") {
		t.Errorf("a write that panics: %v, want an error", err)
	}
	publish(t, d, topic.ID, "after")
	if err := d.Health(); err != nil {
		t.Errorf("Health after the next write: %v", err)
	}
}

// TestAPanicDoesNotHideWhatAnotherProcessChanged: a token revoked by a command must be announced, also when the write that
// notices it panics.
func TestAPanicDoesNotHideWhatAnotherProcessChanged(t *testing.T) {
	dir := t.TempDir()
	d := openAt(t, dir, newClock())
	told := make(chan struct{}, 100)
	d.Notify(func(changes []db.Change) {
		if changes[0].Foreign {
			told <- struct{}{}
		}
	}, func([]*db.Message) {})
	topic := dbtest.Topic(t, d, "ops-east")
	other := openAt(t, dir, newClock())
	if err := other.SetSetting("x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.UpdateTopic(topic.ID, db.By{Name: "test"}, func(*db.Topic) ([]string, error) { panic("boom") }); err == nil {
		t.Fatal("a write that panics went through")
	}
	select {
	case <-told:
	case <-time.After(time.Minute):
		t.Error("the other process's change is announced to nobody")
	}
}

// TestWALIsFoldedWhenAReaderLeaves holds a read transaction, as a backup does, while the WAL grows, and then writes no more.
func TestWALIsFoldedWhenAReaderLeaves(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops-east")
	pool, err := sql.Open("sqlite", "file:"+d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	tx, err := pool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow("select count(*) from message").Scan(&n); err != nil {
		t.Fatal(err)
	}
	publishMany(t, d, topic.ID, 100, strings.Repeat("x", 60<<10))
	wal := func() int64 {
		info, err := os.Stat(d.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if size := wal(); size < 5<<20 {
		t.Fatalf("the WAL has %d bytes beside a reader, want more than 5 MiB", size)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for wal() > 4<<20 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the WAL still has %d bytes after the reader left", wal())
		}
	}
}
