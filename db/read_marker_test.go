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
		got, err := d.ReadAmong(ctx, topic.OwnerID, nil, append(ids[:5:5], ids[4]+1000))
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

// TestReadAmongTellsNothingOfOthersTopics: an unread message that a reader may not see is as one that is gone.
func TestReadAmongTellsNothingOfOthersTopics(t *testing.T) {
	d, ctx := dbtest.New(t), context.Background()
	mine, theirs := dbtest.Topic(t, d, "mine"), dbtest.Topic(t, d, "theirs")
	ids := map[string]db.ID{}
	for _, topic := range []db.Topic{mine, theirs} {
		m := &db.Message{TopicID: topic.ID, Topic: topic.Name, Body: "ring", Priority: 3}
		if err := d.Publish(m, nil); err != nil {
			t.Fatal(err)
		}
		ids[topic.Name] = m.ID
	}
	for _, tt := range []struct {
		of       string
		patterns []string
		want     bool
	}{
		{"mine", nil, false}, {"mine", []string{"mi*"}, false}, {"mine", []string{"door"}, true},
		{"theirs", nil, true}, {"theirs", []string{"theirs"}, true},
	} {
		got, err := d.ReadAmong(ctx, mine.OwnerID, tt.patterns, []db.ID{ids[tt.of]})
		if err != nil || got[ids[tt.of]] != tt.want {
			t.Errorf("a message of %s within %q counts as read: %v, %v; want %v", tt.of, tt.patterns, got[ids[tt.of]], err, tt.want)
		}
	}
	if _, err := d.UpdateTopic(theirs.ID, db.By{}, func(to *db.Topic) ([]string, error) {
		to.AccessLevel = db.Public
		return []string{"access_level"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := d.ReadAmong(ctx, mine.OwnerID, nil, []db.ID{ids["theirs"]}); err != nil || got[ids["theirs"]] {
		t.Errorf("a message of a public topic counts as read: %v, %v", got, err)
	}
}
