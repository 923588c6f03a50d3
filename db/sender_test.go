package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

// publishFrom stores one message of a sender.
func publishFrom(t *testing.T, d *db.DB, topic int64, s *db.Sender, text string) db.Message {
	t.Helper()
	m := db.Message{TopicID: topic, Priority: 3, Body: text, Sender: s}
	if err := d.Publish(&m, nil); err != nil {
		t.Fatalf("Publish(%q): %v", text, err)
	}
	return m
}

// sendersOf are the names that a topic's messages show, the oldest first; "-" stands for none.
func sendersOf(t *testing.T, d *db.DB, topic int64) []string {
	t.Helper()
	list, err := d.MessagesAfter(context.Background(), topic, 0, 1000)
	if err == nil {
		err = d.NameSenders(context.Background(), list)
	}
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(list))
	for i, m := range list {
		if names[i] = "-"; m.Sender != nil {
			names[i] = m.Sender.Kind + " " + m.Sender.Name
		}
	}
	return names
}

func wantSenders(t *testing.T, d *db.DB, topic int64, want ...string) {
	t.Helper()
	if got := sendersOf(t, d, topic); !slices.Equal(got, want) {
		t.Errorf("senders = %q, want %q", got, want)
	}
}

func TestAMessageKeepsItsSender(t *testing.T) {
	d := dbtest.New(t)
	one, two := dbtest.Topic(t, d, "ops-east"), dbtest.Topic(t, d, "ops-west")
	ci := db.Token{TopicID: one.ID, Topic: one.Name, Name: "CI", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", Hint: "x"}
	if err := d.CreateToken(&ci, 100); err != nil {
		t.Fatal(err)
	}
	publishFrom(t, d, one.ID, &db.Sender{Kind: db.SentByToken, ID: ci.ID, Name: "CI"}, "built")
	publishFrom(t, d, one.ID, nil, "of nobody")
	publishFrom(t, d, one.ID, &db.Sender{Kind: db.SentByKey, ID: "key_1", Name: "Laptop"}, "by hand")
	publishFrom(t, d, two.ID, &db.Sender{Kind: db.SentByKey, ID: "key_1", Name: "Laptop"}, "elsewhere")
	wantSenders(t, d, one.ID, "token CI", "-", "key Laptop")
	wantSenders(t, d, two.ID, "key Laptop")

	if _, err := d.UpdateToken(one.ID, ci.ID, db.By{Name: "ada"}, func(k *db.Token) ([]string, error) {
		k.Name = "CI Pipeline"
		return []string{"name"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	wantSenders(t, d, one.ID, "token CI Pipeline", "-", "key Laptop")
	publishFrom(t, d, one.ID, &db.Sender{Kind: db.SentByToken, ID: ci.ID, Name: "CI Pipeline"}, "built again")
	if _, err := d.RevokeToken(one.ID, ci.ID, db.By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
	wantSenders(t, d, one.ID, "token CI Pipeline", "-", "key Laptop", "token CI Pipeline")

	list, err := d.Senders(context.Background(), []int64{one.ID, two.ID}, 10)
	if want := []db.Sender{{Kind: "token", ID: ci.ID, Name: "CI Pipeline"}, {Kind: "key", ID: "key_1", Name: "Laptop"}}; err != nil || !slices.Equal(list, want) {
		t.Errorf("Senders = %v, %v, want %v", list, err, want)
	}
	if err := d.DeleteTopic(two, db.By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
}

// TestSearchOfASender asks for what a sender has sent, in one topic and in several, and compares with all messages.
func TestSearchOfASender(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := context.Background()
	topics := []int64{dbtest.Topic(t, d, "ops-east").ID, dbtest.Topic(t, d, "ops-west").ID, dbtest.Topic(t, d, "quiet").ID}
	names := []string{"CI", "NAS", "Laptop"}
	want := map[string]int{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 600 {
		n := r.IntN(4)
		var s *db.Sender
		if n < 3 {
			s = &db.Sender{Kind: db.SentByKey, ID: "key_" + names[n], Name: names[n]}
			want[names[n]]++
		}
		publishFrom(t, d, topics[r.IntN(2)], s, fmt.Sprint(i))
	}
	for _, name := range names {
		for _, asked := range []string{name, "key_" + name} {
			got := 0
			for before := db.ID(0); ; {
				list, next, err := d.Search(ctx, db.Search{Topics: topics, Sender: asked, Before: before, Limit: 50})
				if err != nil {
					t.Fatal(err)
				}
				if err := d.NameSenders(ctx, list); err != nil {
					t.Fatal(err)
				}
				for _, m := range list {
					if m.Sender == nil || m.Sender.Name != name {
						t.Fatalf("a search for %s found %v", asked, m.Sender)
					}
				}
				got += len(list)
				if before = next; next == 0 {
					break
				}
			}
			n, more, err := d.Count(ctx, db.Search{Topics: topics, Sender: asked}, 10_000)
			if got != want[name] || n > got || n < got && !more || err != nil { // a slow machine counts for as long as one may
				t.Errorf("Search of %s found %d, Count %d, more %v, %v; want %d", asked, got, n, more, err, want[name])
			}
		}
	}
	if list, next, err := d.Search(ctx, db.Search{Topics: topics, Sender: "nobody", Limit: 50}); len(list) > 0 || next != 0 || err != nil {
		t.Errorf("Search of an unknown sender = %d, %v, %v; want none, and no further page", len(list), next, err)
	}
}

// TestAnOlderStoreGetsSenders opens a store from before messages had senders: they show none, still prove right, and new ones
// have one.
func TestAnOlderStoreGetsSenders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "ops-east")
	publishFrom(t, d, topic.ID, nil, "before")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", filepath.Join(dir, db.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec("alter table message drop column sender; drop table sender; delete from migration where name like '%_sender.sql'"); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	publishFrom(t, d, topic.ID, &db.Sender{Kind: db.SentByAccount, ID: "user_1", Name: "ada"}, "after")
	wantSenders(t, d, topic.ID, "-", "account ada")
	for _, f := range db.Check(context.Background(), dir) {
		if f.Bad && f.Subject != "permissions" {
			t.Errorf("%s: %s", f.Subject, f.Text)
		}
	}
}
