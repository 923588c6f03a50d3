package db_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestCloseWaitsForWritesUnderWay closes stores while many publish: each publish is stored and answered, or told that the
// store is closed.
func TestCloseWaitsForWritesUnderWay(t *testing.T) {
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
