package db_test

import (
	"context"
	"errors"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestFullDiskRefusesMessagesOnlyAndIsToldByHealth(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "ops-east")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{MinFree: 1 << 60}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}
	if err := d.Publish(&m, nil); !errors.Is(err, db.ErrFull) {
		t.Fatalf("Publish on a full disk: %v, want ErrFull", err)
	}
	if err := d.Health(); !errors.Is(err, db.ErrFull) {
		t.Errorf("Health after a refused publish: %v, want ErrFull", err)
	}
	if err := d.SetSetting("x", []byte("y")); err != nil {
		t.Errorf("SetSetting on a full disk: %v, want room kept for it", err)
	}
	if err := d.Health(); !errors.Is(err, db.ErrFull) {
		t.Errorf("Health after another write went through: %v, want ErrFull still", err)
	}
}

func TestPanicInAWriteDoesNotStopTheStore(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops-east")
	_, err := d.SettingOr(context.Background(), "x", func() []byte { panic("boom") })
	if !contains(err, "boom") {
		t.Errorf("a write that panics: %v, want an error", err)
	}
	publish(t, d, topic.ID, "after")
	if err := d.Health(); err != nil {
		t.Errorf("Health after the next write: %v", err)
	}
}
