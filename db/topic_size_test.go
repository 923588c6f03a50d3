package db_test

import (
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// The size of a topic is judged by its newest messages, and only tokens that work are counted.
func TestTopicSizes(t *testing.T) {
	d := dbtest.New(t)
	full, empty := dbtest.Topic(t, d, "full"), dbtest.Topic(t, d, "empty")
	for range 10 {
		if err := d.Publish(&db.Message{TopicID: full.ID, Priority: 3, Body: "0123456789", Title: "title"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.Topics(t.Context(), db.TopicFilter{All: true})
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := d.TopicSizes(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes[full.ID]; got.Bytes < 10*(10+64) || got.Tokens != 0 {
		t.Errorf("full = %+v", got)
	}
	if got, ok := sizes[empty.ID]; !ok || got.Bytes != 0 {
		t.Errorf("empty = %+v, %v", got, ok)
	}
}
