package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestPublishKeepsOrderAndAnnouncesAfterCommit(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops-east")
	var mu sync.Mutex
	var seen []db.ID
	d.Notify(nil, func(msgs []*db.Message) {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range msgs {
			stored, err := d.Message(context.Background(), topic.ID, m.ID)
			if err != nil || stored.Body != m.Body {
				t.Errorf("announced %s before it was stored: %v", m.ID, err)
			}
			seen = append(seen, m.ID)
		}
	})
	const publishers, each = 16, 50
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				m := db.Message{TopicID: topic.ID, Priority: 3, Body: fmt.Sprintf("%d/%d", p, i), Tags: "a,b"}
				if err := d.Publish(&m, nil); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if len(seen) != publishers*each {
		t.Fatalf("announced %d messages, want %d", len(seen), publishers*each)
	}
	for i := 1; i < len(seen); i++ {
		if seen[i] <= seen[i-1] {
			t.Fatalf("id %s announced after %s", seen[i], seen[i-1])
		}
	}
	got, err := d.Topic(context.Background(), "ops-east")
	if err != nil || got.MessageCount != publishers*each {
		t.Fatalf("message count = %d, %v; want %d", got.MessageCount, err, publishers*each)
	}
}

func TestPublishToDeletedTopicFails(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "gone-soon")
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteTopic(topic, db.By{Name: "tester"}); err != nil {
		t.Fatal(err)
	}
	err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil)
	if !errors.Is(err, db.ErrNotFound) {
		t.Fatalf("Publish after delete = %v, want ErrNotFound", err)
	}
}

func TestIdempotentPublish(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "once")
	key := func(digest string) *db.Idempotency {
		return &db.Idempotency{Credential: "token_x", Key: "k", Digest: []byte(digest)}
	}
	first := db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}
	again := first
	if err := d.Publish(&first, key("1")); err != nil {
		t.Fatal(err)
	}
	if err := d.Publish(&again, key("1")); err != nil || again.ID != first.ID || !again.At.Equal(first.At) {
		t.Fatalf("repeat = %s %v, %v; want %s", again.ID, again.At, err, first.ID)
	}
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "y"}, key("2")); !errors.Is(err, db.ErrReused) {
		t.Fatalf("same key, other text = %v, want ErrReused", err)
	}
}

func TestIDText(t *testing.T) {
	for _, id := range []db.ID{0, 1, 1<<60 - 1, db.FirstID(time.Now())} {
		got, err := db.ParseID(id.String())
		if err != nil || got != id {
			t.Errorf("ParseID(%q) = %d, %v; want %d", id.String(), got, err, id)
		}
	}
	for _, bad := range []string{"", "CWPWYK54R000", "cwpwyk54r00", "cwpwyk54r00u", "cwpwyk54r0000"} {
		if _, err := db.ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) succeeded", bad)
		}
	}
}

// TestAClockBeyondTheReachOfIdsSpendsNone: an id holds times up to the year 2109, and a board whose clock once showed a later
// one must go on after it is set right.
func TestAClockBeyondTheReachOfIdsSpendsNone(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	now := c.Now()
	first := dbtest.Topic(t, d, "first")
	ids := publish(t, d, first.ID, "before")
	c.set(time.Date(2111, 1, 1, 0, 0, 0, 0, time.UTC))
	second := dbtest.Topic(t, d, "second")
	if at := second.CreatedAt; at.After(now.Add(time.Minute)) {
		t.Errorf("the topic begins at %v, after the messages to come", at)
	}
	ids = append(ids, publish(t, d, second.ID, "one", "two")...)
	c.set(now.Add(time.Minute))
	ids = append(ids, publish(t, d, first.ID, "after")...)
	for i, id := range ids {
		if back, err := db.ParseID(id.String()); err != nil || back != id {
			t.Errorf("id %d reads back as %d, %v", id, back, err)
		}
		if i > 0 && id <= ids[i-1] {
			t.Errorf("id %s was given after %s", id, ids[i-1])
		}
	}
	if at := ids[3].Time(); !at.Equal(c.Now()) {
		t.Errorf("the last id is of %v, want %v: the clock was set right", at, c.Now())
	}
}
