package db_test

import (
	"database/sql"
	"errors"
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
		if err := d.Publish(&m, &db.Idempotency{Credential: "x", Key: "nightly", Digest: []byte("same")}); err != nil {
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
		if err := d.Publish(&m, &db.Idempotency{Credential: "x", Key: key, Digest: []byte(key)}); err != nil {
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

// TestAPublishThatEndsHalfWayStoresNothing: a message whose idempotency key cannot be stored is not stored either, and nobody is told of it;
// the next one is stored as ever.
func TestAPublishThatEndsHalfWayStoresNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops-east")
	pool, err := sql.Open("sqlite", "file:"+d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec("create trigger fault before insert on idempotency begin select raise(abort, 'fault'); end"); err != nil {
		t.Fatal(err)
	}
	var announced []*db.Message
	d.Notify(func([]db.Change) {}, func(list []*db.Message) { announced = append(announced, list...) })
	m := db.Message{TopicID: topic.ID, Priority: 3, Body: "half"}
	if err := d.Publish(&m, &db.Idempotency{Credential: "x", Key: "k", Digest: []byte("d")}); !errors.Is(err, db.ErrIO) {
		t.Errorf("Publish = %v, want %v", err, db.ErrIO)
	}
	next := db.Message{TopicID: topic.ID, Priority: 3, Body: "next"}
	if err := d.Publish(&next, nil); err != nil {
		t.Errorf("the publish after it = %v", err)
	}
	if list, err := d.MessagesAfter(t.Context(), topic.ID, 0, 10); err != nil || len(list) != 1 || list[0].Body != "next" {
		t.Errorf("stored are %v (%v), want only the next one", list, err)
	}
	if len(announced) != 1 || announced[0].Body != "next" {
		t.Errorf("announced are %v, want only the next one", announced)
	}
}
