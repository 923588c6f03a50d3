package db_test

import (
	"context"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

func TestOverviews(t *testing.T) {
	d := dbtest.New(t)
	ctx := context.Background()
	u := db.User{Email: "ada@home.example", Username: "ada", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topics := make([]int64, 2)
	for i, name := range []string{"busy", "quiet"} {
		topic := db.Topic{Name: name, OwnerID: u.ID, AccessLevel: db.Private}
		if err := d.CreateTopic(&topic, db.By{Name: "ada"}); err != nil {
			t.Fatal(err)
		}
		topics[i] = topic.ID
	}
	var first db.ID
	for i, body := range []string{"one", "two", "three"} {
		m := db.Message{TopicID: topics[0], Priority: 3, Body: body, Title: "T", HasTitle: i == 2}
		m.SetExtras(db.Extras{Markdown: true})
		if err := d.Publish(&m, nil); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = m.ID
		}
	}
	if err := d.Visit(u.ID, topics[0], first); err != nil {
		t.Fatal(err)
	}
	got, err := d.Overviews(ctx, u.ID, topics, d.Now().Add(-24*time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	if o := got[topics[0]]; o.Unread != 2 || o.LastTitle != "T" || o.LastText != "three" || !o.LastMarkdown {
		t.Errorf("busy topic: %+v, want 2 unread and the last title, text and Markdown", o)
	}
	if o := got[topics[0]]; o.Urgent || o.Pinned {
		t.Errorf("busy topic: %+v, want it neither urgent nor pinned", o)
	}
	if o := got[topics[1]]; o.Unread != 0 || o.LastText != "" {
		t.Errorf("quiet topic: %+v, want nothing", o)
	}
	if err := d.Publish(&db.Message{TopicID: topics[0], Priority: 5, Body: "fire"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Pin(u.ID, topics[1], true); err != nil {
		t.Fatal(err)
	}
	if got, err = d.Overviews(ctx, u.ID, topics, d.Now().Add(-24*time.Hour), 100); err != nil || !got[topics[0]].Urgent || !got[topics[1]].Pinned {
		t.Errorf("Overviews = %+v, %v, want the first urgent and the second pinned", got, err)
	}
	list, err := d.Topics(ctx, db.TopicFilter{Owner: u.ID, Unread: u.ID})
	if err != nil || list[0].ID != topics[1] {
		t.Errorf("Topics begins with %v, %v, want the pinned one", list[0].Name, err)
	}
}
