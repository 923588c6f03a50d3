package db_test

import (
	"errors"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// What is done to messages asks no open stream again: nobody's rights have changed.
func TestMessagesCarryNoRights(t *testing.T) {
	d := dbtest.New(t)
	changes := 0
	d.Notify(func([]db.Change) { changes++ }, nil)
	topic := dbtest.Topic(t, d, "ops")
	changes = 0
	m := db.Message{TopicID: topic.ID, Body: "disk is full", Priority: 3}
	if err := d.Publish(&m, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := d.UpdateMessage(topic.ID, m.ID, db.By{Name: "ops"}, func(m *db.Message) ([]string, error) { m.Body = "ok"; return []string{"message"}, nil }); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteMessage(topic.ID, m.ID, db.By{Name: "ops"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.PurgeTopic(topic.ID, m.ID); err != nil {
		t.Fatal(err)
	}
	if changes != 0 {
		t.Errorf("%d changes of rights, want none", changes)
	}
	if err := d.DeleteTopic(topic, db.By{Name: "ops"}); err != nil || changes != 1 {
		t.Errorf("DeleteTopic = %v, %d changes, want one", err, changes)
	}
}

// A change function that writes to the store would wait for the transaction that waits for it.
func TestAWriteInsideAChangeIsRefused(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops")
	var inner error
	got, err := d.UpdateTopic(topic.ID, db.By{Name: "ops"}, func(p *db.Topic) ([]string, error) {
		if _, err := d.Topic(t.Context(), "ops"); err != nil { // reading is allowed
			t.Error(err)
		}
		inner = d.SetSetting("x", []byte("y"))
		p.Description = "new"
		return []string{"description"}, nil
	})
	if !errors.Is(inner, db.ErrNested) || err != nil || got.Description != "new" {
		t.Errorf("the write inside = %v, want ErrNested; UpdateTopic = %q, %v", inner, got.Description, err)
	}
	if err := d.SetSetting("x", []byte("y")); err != nil {
		t.Error(err)
	}
}
