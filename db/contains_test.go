package db_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// A search finds what strings.ToLower would, whatever the letters.
func TestSearchInAnyLetterCase(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops").ID
	texts := []string{"Disk FULL", "HÖHE überschritten", "kelvin \u212a", "İstanbul", "ΣΊΣΥΦΟΣ", "aaab", "日本語", "🔥 Fire"}
	for _, text := range texts {
		if err := d.Publish(&db.Message{TopicID: topic, Body: text, Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{"full", "DISK f", "höhe", "ÜBER", "K", "istanbul", "σίσ", "aab", "本", "🔥", "none", "ab ", "fire!"} {
		var want []string
		for _, text := range texts {
			if strings.Contains(strings.ToLower(text), strings.ToLower(q)) {
				want = append(want, text)
			}
		}
		list, _, err := d.Search(context.Background(), db.Search{Topics: []int64{topic}, Text: q, Oldest: true, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, m.Body)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
}

// A search that finds nothing ends after a while, and says where to go on: following it, all is seen.
func TestSearchIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops").ID
	text := strings.Repeat("x", 1<<20)
	if err := d.Publish(&db.Message{TopicID: topic, Body: "needle", Priority: 3}, nil); err != nil {
		t.Fatal(err)
	}
	for range 80 {
		if err := d.Publish(&db.Message{TopicID: topic, Body: text, Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
	found, rounds := 0, 0
	for q := (db.Search{Topics: []int64{topic}, Text: "needle", Limit: 10}); found == 0; rounds++ {
		began := time.Now()
		list, next, err := d.Search(context.Background(), q)
		if err != nil || rounds > 80 {
			t.Fatal(err, rounds)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("one search took %v", took)
		}
		if found, q.Before = len(list), next; found == 0 && next == 0 {
			t.Fatal("the search ended before it saw everything")
		}
	}
	if rounds < 2 {
		t.Errorf("80 MiB were searched at once")
	}
}
