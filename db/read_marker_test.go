package db_test

import (
	"context"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestSingleMessagesAreRead: a message is read by a visit of its topic, or singly, by the account and within the patterns of its
// device; one that is gone counts as read.
func TestSingleMessagesAreRead(t *testing.T) {
	d, ctx := dbtest.New(t), context.Background()
	topic := dbtest.Topic(t, d, "door")
	var ids []db.ID
	for range 5 {
		m := &db.Message{TopicID: topic.ID, Topic: topic.Name, Body: "ring", Priority: 3}
		if err := d.Publish(m, nil); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	want := func(read ...int) {
		t.Helper()
		got, err := d.ReadAmong(ctx, topic.OwnerID, append(ids[:5:5], ids[4]+1000))
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			is := false
			for _, r := range read {
				is = is || r == i
			}
			if got[id] != is {
				t.Errorf("message %d is read: %v, want %v", i, got[id], is)
			}
		}
		if !got[ids[4]+1000] {
			t.Error("a message that is not there is not read")
		}
		o, err := d.Overviews(ctx, topic.OwnerID, []int64{topic.ID}, d.Now(), 100)
		if err != nil || o[topic.ID].Unread != 5-len(read) {
			t.Errorf("Overviews = %+v %v, want %d unread", o, err, 5-len(read))
		}
	}
	mark := func(patterns []string, list ...db.ID) {
		t.Helper()
		if err := d.MarkRead(topic.OwnerID, patterns, list); err != nil {
			t.Fatal(err)
		}
	}
	want()
	mark(nil, ids[2], ids[4]+1000)
	want(2)
	mark([]string{"bell", "x-*"}, ids[3])
	want(2)
	mark([]string{"do*"}, ids[3])
	want(2, 3)
	if err := d.Visit(topic.OwnerID, topic.ID, ids[2]); err != nil {
		t.Fatal(err)
	}
	want(0, 1, 2, 3)
	mark(nil, ids[0], ids[4])
	want(0, 1, 2, 3, 4)
}
