package db_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func alertTopic(t *testing.T, d *db.DB) *db.Topic {
	t.Helper()
	topic := dbtest.Topic(t, d, "alerts")
	return &topic
}

func publishKeyed(t *testing.T, d *db.DB, topic *db.Topic, key string, resolved bool) *db.Message {
	t.Helper()
	m := &db.Message{TopicID: topic.ID, Topic: topic.Name, Priority: 3, Body: key}
	m.SetExtras(db.Extras{Key: key, Resolved: resolved})
	if err := d.Publish(m, nil); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAlerts follows alerts from open over resolved to open again, and to their end by retention.
func TestAlerts(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := context.Background()
	topic := alertTopic(t, d)
	first := publishKeyed(t, d, topic, "a", false)
	publishKeyed(t, d, topic, "b", false)
	second := publishKeyed(t, d, topic, "a", false)
	expect := func(open bool, want ...string) []db.Alert {
		t.Helper()
		list, total, err := d.Alerts(ctx, topic.ID, open, 0, 100)
		if err != nil || total != len(list) || len(list) != len(want) {
			t.Fatalf("Alerts = %+v, %d, %v; want %v", list, total, err, want)
		}
		for i, key := range want {
			if list[i].Key != key || list[i].Message.ID != list[i].Last {
				t.Fatalf("alert %d = %+v, want %s", i, list[i], key)
			}
		}
		return list
	}
	list := expect(true, "a", "b")
	if list[0].Count != 2 || list[0].First != first.ID || list[0].Last != second.ID {
		t.Errorf("a = %+v", list[0])
	}
	publishKeyed(t, d, topic, "a", true)
	expect(true, "b")
	expect(false, "a", "b")
	again := publishKeyed(t, d, topic, "a", false)
	if list = expect(true, "a", "b"); list[0].Count != 1 || list[0].First != again.ID {
		t.Errorf("a after it opened again = %+v", list[0])
	}
	if err := d.DeleteMessage(topic.ID, again.ID, db.By{Name: "owner"}); err != nil {
		t.Fatal(err)
	}
	expect(true, "b")
	if _, err := d.Sweep(ctx, db.Retention{Age: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	found, err := d.AlertsAmong(ctx, []db.AlertKey{{topic.ID, "a"}, {topic.ID, "b"}, {topic.ID + 1, "b"}})
	if err != nil || len(found) > 1 {
		t.Errorf("AlertsOf after retention = %v, %v", found, err)
	}
}

// TestAlertsOfLongMessages: a list of alerts has the last message of each, however long they are together.
func TestAlertsOfLongMessages(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	topic := alertTopic(t, d)
	keys := []string{"a", "b", "c", "d"}
	for _, key := range keys {
		m := &db.Message{TopicID: topic.ID, Topic: topic.Name, Priority: 3, Body: strings.Repeat(key, 400<<10)}
		m.SetExtras(db.Extras{Key: key})
		if err := d.Publish(m, nil); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := d.Alerts(context.Background(), topic.ID, true, 0, 100)
	if err != nil || len(list) != len(keys) {
		t.Fatalf("Alerts = %d alerts, %v; want %d", len(list), err, len(keys))
	}
	for _, a := range list {
		if a.Message.ID != a.Last || !strings.HasPrefix(a.Message.Body, a.Key) {
			t.Errorf("the last message of %s is %s, want %s", a.Key, a.Message.ID, a.Last)
		}
	}
}

// TestPublishAll stores several messages in one transaction, and the same ones again under an idempotency key not at all.
func TestPublishAll(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	topic := alertTopic(t, d)
	make3 := func() (*db.Message, []*db.Message) {
		var list []*db.Message
		for range 3 {
			list = append(list, &db.Message{TopicID: topic.ID, Topic: topic.Name, Priority: 3, Body: "x"})
		}
		return list[0], list[1:]
	}
	for i := range 2 {
		m, more := make3()
		idem := &db.Idempotency{Credential: "c", Key: "k", Digest: []byte("d")}
		if err := d.PublishAll(m, more, idem); err != nil || idem.Repeated != (i == 1) {
			t.Fatalf("PublishAll = %v, repeated %v", err, idem.Repeated)
		}
		if i == 0 && (more[0].ID != m.ID+1 && more[0].ID <= m.ID || more[1].ID <= more[0].ID) {
			t.Errorf("ids %v %v %v do not rise", m.ID, more[0].ID, more[1].ID)
		}
	}
	list, err := d.MessagesAfter(context.Background(), topic.ID, 0, 10)
	if err != nil || len(list) != 3 {
		t.Errorf("%d messages are stored, want 3 (%v)", len(list), err)
	}
	m, more := make3()
	m.TopicID, more[0].TopicID, more[1].TopicID = 99, 99, 99
	if err := d.PublishAll(m, more, nil); err == nil {
		t.Error("messages of a topic that is not there were stored")
	}
}
