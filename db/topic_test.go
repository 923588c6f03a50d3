package db_test

import (
	"context"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestTotals(t *testing.T) {
	d := dbtest.New(t)
	ctx := context.Background()
	topic := dbtest.Topic(t, d, "alerts")
	for range 3 {
		if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := d.CountMessages(ctx); n != 3 || err != nil {
		t.Errorf("CountMessages = %d, %v, want 3", n, err)
	}
	if per, err := d.TopicsPerOwner(ctx); per[topic.OwnerID] != 1 || len(per) != 1 || err != nil {
		t.Errorf("TopicsPerOwner = %v, %v, want one topic of %s", per, err, topic.OwnerID)
	}
}

// TestNameTopics: messages get the names of their topics, from the store or from memory; a topic that is deleted has none.
func TestNameTopics(t *testing.T) {
	d, ctx := dbtest.New(t), context.Background()
	first, second := dbtest.Topic(t, d, "alerts"), dbtest.Topic(t, d, "backup-nas")
	check := func(want ...string) {
		t.Helper()
		list := []db.Message{{TopicID: first.ID}, {TopicID: second.ID}, {TopicID: second.ID}, {TopicID: first.ID}}
		if err := d.NameTopics(ctx, list); err != nil {
			t.Fatal(err)
		}
		for i, m := range list {
			if m.Topic != want[i] {
				t.Errorf("the topic of message %d is %q, want %q", i, m.Topic, want[i])
			}
		}
	}
	for range 2 {
		check("alerts", "backup-nas", "backup-nas", "alerts")
	}
	if err := d.DeleteTopic(second, db.By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
	check("alerts", "", "", "alerts")
}
