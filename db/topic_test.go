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
