package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"slices"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// damageMessage changes a stored message behind the back of its checksum.
func damageMessage(t *testing.T, d *db.DB, set string, id db.ID) {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set "+set+" where id = ?", int64(id)); err != nil {
		t.Fatal(err)
	}
}

// TestReadersPassDamage: a damaged message keeps its place and shows nothing of what is stored; all that surround it are read.
func TestReadersPassDamage(t *testing.T) {
	d, ctx := dbtest.New(t), context.Background()
	topic := dbtest.Topic(t, d, "ops-east")
	ids := publish(t, d, topic.ID, "one", "two", "three", "four", "five")
	damageMessage(t, d, "body = 'secret of another'", ids[1])
	damageMessage(t, d, "at = 5, tags = 'no,such'", ids[2])
	damageMessage(t, d, "crc = 7", ids[4])
	const gone = "This message is damaged in the database, so its text is not shown."
	want := []string{"one", gone, gone, "four", gone}
	check := func(what string, list []db.Message, err error, want []string) {
		t.Helper()
		var got []string
		for i, m := range list {
			got = append(got, m.Body)
			if m.TopicID != topic.ID || !slices.Contains(ids, m.ID) || m.Priority < 1 || i > 0 && m.ID == list[i-1].ID {
				t.Errorf("%s: message %+v", what, m)
			}
			if m.Damaged != (m.Body == gone) || m.Damaged && (m.Tags != "" || m.ExtrasText() != "" || !m.At.Equal(m.ID.Time())) {
				t.Errorf("%s: message %+v", what, m)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s = %q, %v; want %q", what, got, err, want)
		}
	}
	list, err := d.MessagesAfter(ctx, topic.ID, 0, 10)
	check("MessagesAfter", list, err, want)
	list, err = d.MessagesAfter(ctx, topic.ID, ids[0], 1)
	check("MessagesAfter of the damaged one", list, err, want[1:2])
	err = d.MessagesBetween(ctx, []int64{topic.ID, topic.ID + 1}, 0, ids[3], 10, func(page []db.Message) error {
		list = slices.Clone(page)
		return nil
	})
	check("MessagesBetween", list, err, want[:4])
	list, _, err = d.Search(ctx, db.Search{Topics: []int64{topic.ID}, Limit: 10, Oldest: true})
	check("Search", list, err, want)
	list, _, err = d.Search(ctx, db.Search{Topics: []int64{topic.ID}, Limit: 10, Oldest: true, Text: "o"})
	check("Search for a text", list, err, []string{"one", "four"})
	list, _, err = d.Search(ctx, db.Search{Topics: []int64{topic.ID}, Limit: 10, Oldest: true, Since: ids[0].Time()})
	check("Search since a moment", list, err, want)
	if m, err := d.Message(ctx, topic.ID, ids[1]); err != nil || !m.Damaged {
		t.Errorf("Message = %+v, %v; want it damaged", m, err)
	}
	if m, err := d.UpdateMessage(topic.ID, ids[1], db.By{}, func(m *db.Message) ([]string, error) {
		m.Body = "mended"
		return []string{"message"}, nil
	}); !errors.Is(err, db.ErrDamaged) || !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("UpdateMessage of a damaged message = %+v, %v; want ErrDamaged", m, err)
	}
	damaged, err := d.Damaged(ctx)
	if err != nil || len(damaged) != 3 || damaged[0].ID != ids[1] || damaged[0].Topic != "ops-east" {
		t.Errorf("Damaged = %+v, %v; want three of them", damaged, err)
	}
	for _, m := range damaged {
		if err := d.DeleteMessage(topic.ID, m.ID, db.By{}); err != nil {
			t.Errorf("DeleteMessage of a damaged message = %v", err)
		}
	}
	if damaged, err = d.Damaged(ctx); err != nil || len(damaged) != 0 {
		t.Errorf("Damaged once they are deleted = %+v, %v; want none", damaged, err)
	}
	list, err = d.MessagesAfter(ctx, topic.ID, 0, 10)
	check("MessagesAfter once they are deleted", list, err, []string{"one", "four"})
}

// TestDeletedDamageMakesRoom: what is remembered of damage is bounded, and what was deleted takes up none of it.
func TestDeletedDamageMakesRoom(t *testing.T) {
	d, ctx := dbtest.New(t), context.Background()
	topic := dbtest.Topic(t, d, "ops-east")
	var all []*db.Message
	for range 1000 {
		all = append(all, &db.Message{TopicID: topic.ID, Priority: 3, Body: "old"})
	}
	if err := d.PublishAll(all[0], all[1:], nil); err != nil {
		t.Fatal(err)
	}
	damaged := func(want int) {
		t.Helper()
		for _, m := range all {
			if m, err := d.Message(ctx, topic.ID, m.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
				t.Fatalf("Message = %+v, %v", m, err)
			}
		}
		if list, err := d.Damaged(ctx); err != nil || len(list) != want {
			t.Errorf("Damaged = %d messages, %v; want %d", len(list), err, want)
		}
	}
	raw, err := sql.Open("sqlite", "file:"+d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set crc = 7"); err != nil {
		t.Fatal(err)
	}
	damaged(1000)
	if _, err := raw.Exec("delete from message"); err != nil {
		t.Fatal(err)
	}
	damaged(0)
	all = all[:1]
	all[0].ID = publish(t, d, topic.ID, "new")[0]
	damageMessage(t, d, "crc = 7", all[0].ID)
	damaged(1)
}

// TestDamagedPlaceIsNotFollowed: where the key of a row is what is damaged, a cursor that followed it would pass over sound messages.
func TestDamagedPlaceIsNotFollowed(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topics := []int64{dbtest.Topic(t, d, "ops-east").ID, dbtest.Topic(t, d, "ops-west").ID}
	ids := publish(t, d, topics[0], "one", "two", "three")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(file, rowKey(ids[1])); n != 1 {
		t.Fatalf("the key of a row is there %d times", n)
	}
	if err := os.WriteFile(d.Path(), bytes.Replace(file, rowKey(ids[1]), rowKey(ids[2]+1<<30), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if list, err := d.MessagesAfter(ctx, topics[0], 0, 10); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("MessagesAfter = %d messages, %v; want ErrCorrupt", len(list), err)
	}
	for _, oldest := range []bool{false, true} {
		if list, _, err := d.Search(ctx, db.Search{Topics: topics, Limit: 10, Oldest: oldest}); !errors.Is(err, db.ErrCorrupt) {
			t.Errorf("Search = %d messages, %v; want ErrCorrupt", len(list), err)
		}
	}
}

// rowKey is the key of a row as a page of a table holds it: nine bytes, seven bits in each of the first eight.
func rowKey(id db.ID) []byte {
	key := make([]byte, 9)
	key[8] = byte(id)
	for i, rest := 7, id>>8; i >= 0; i, rest = i-1, rest>>7 {
		key[i] = byte(rest) | 0x80
	}
	return key
}
