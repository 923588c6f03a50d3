package db_test

import (
	"database/sql"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestAnIdempotencyKeyFromTheFutureIsForgotten: what was published while the clock ran ten years ahead must not swallow, for
// ten years, what is published under the same key after it was set right.
func TestAnIdempotencyKeyFromTheFutureIsForgotten(t *testing.T) {
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	send := func() db.ID {
		t.Helper()
		m := db.Message{TopicID: topic.ID, Priority: 3, Body: "nightly"}
		if err := d.Publish(&m, &db.Idempotency{Credential: "x", Key: "nightly", Digest: []byte("same"), Window: 10 * time.Minute}); err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	const ahead = 10 * 365 * 24 * time.Hour
	c.add(ahead)
	first := send()
	c.add(-time.Minute)
	if again := send(); again != first {
		t.Errorf("a retry after a small step back stored %s beside %s", again, first)
	}
	c.add(-ahead)
	if second := send(); second == first {
		t.Errorf("a publish after the clock was set right answered message %s from the future and stored nothing", first)
	}
}

func TestSweepForgetsIdempotencyKeysFromTheFuture(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	send := func(key string) {
		t.Helper()
		m := db.Message{TopicID: topic.ID, Priority: 3, Body: key}
		if err := d.Publish(&m, &db.Idempotency{Credential: "x", Key: key, Digest: []byte(key), Window: 10 * time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	c.add(24 * time.Hour)
	send("future")
	c.add(-24 * time.Hour)
	send("past")
	c.add(time.Hour)
	send("fresh")
	sweep(t, d, db.Retention{}, 0)
	pool, err := sql.Open("sqlite", "file:"+d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var left string
	if err := pool.QueryRow("select group_concat(key) from idempotency").Scan(&left); err != nil || left != "fresh" {
		t.Errorf("keys left: %q, %v; want fresh", left, err)
	}
}
