package db_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestCloseWaitsForWritesUnderWay closes stores while many publish: each publish is stored and answered, or told that the
// store is closed.
func TestCloseWaitsForWritesUnderWay(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := t.TempDir()
		d, err := db.Open(dir, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		topic := dbtest.Topic(t, d, "ops-east")
		var stored atomic.Int64
		var publishers sync.WaitGroup
		begun := make(chan struct{}, 16)
		for range cap(begun) {
			publishers.Go(func() {
				for n := 0; ; n++ {
					err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil)
					if errors.Is(err, db.ErrClosed) {
						return
					}
					if err != nil {
						t.Errorf("Publish: %v", err)
						return
					}
					if stored.Add(1); n == 2 {
						begun <- struct{}{}
					}
				}
			})
		}
		for range cap(begun) {
			<-begun
		}
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		publishers.Wait()
		if d, err = db.Open(dir, db.Options{}); err != nil {
			t.Fatal(err)
		}
		got, err := d.Topic(context.Background(), "ops-east")
		if err != nil || got.MessageCount != stored.Load() {
			t.Errorf("%d messages, %v; want the %d that were answered", got.MessageCount, err, stored.Load())
		}
		d.Close()
	}
}

// TestCommandLeavesTheWALToTheServer closes a store beside that of a server. To fold the WAL it would hold the lock of all writers for
// as long as it waits for readers, and Litestream reads all the time.
func TestCommandLeavesTheWALToTheServer(t *testing.T) {
	dir := t.TempDir()
	lock, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	server, err := lock.OpenStore(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Topic(t, server, "ops-east")
	_, before := server.Sizes()
	command, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Topic(t, command, "ops-west")
	if err := command.Close(); err != nil {
		t.Error(err)
	}
	if _, after := server.Sizes(); before == 0 || after < before {
		t.Errorf("the WAL has %d bytes after a command, %d before", after, before)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(server.Path() + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the server's end the WAL is there: %v", err)
	}
}
