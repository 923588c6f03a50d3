package db_test

import (
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// What is done to messages asks no open stream again: nobody's rights have changed.
func TestMessagesCarryNoRights(t *testing.T) {
	d := dbtest.New(t)
	changes := 0
	d.Notify(func(bool) { changes++ }, func([]*db.Message) {})
	topic := dbtest.Topic(t, d, "ops")
	changes = 0
	m := db.Message{TopicID: topic.ID, Body: "disk is full", Priority: 3}
	if err := d.Publish(&m, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.EditMessage(m); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteMessage(topic.ID, m.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := d.PurgeTopic(topic.ID, m.ID); err != nil {
		t.Fatal(err)
	}
	if changes != 0 {
		t.Errorf("%d changes of rights, want none", changes)
	}
	if err := d.DeleteTopic(topic, "ops"); err != nil || changes != 1 {
		t.Errorf("DeleteTopic = %v, %d changes, want one", err, changes)
	}
}
