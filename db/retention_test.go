package db_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// clock is a wall clock that a test moves.
type clock struct{ now atomic.Pointer[time.Time] }

func newClock() *clock {
	c := &clock{}
	c.set(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	return c
}

func (c *clock) set(t time.Time)     { c.now.Store(&t) }
func (c *clock) add(d time.Duration) { c.set(c.Now().Add(d)) }
func (c *clock) Now() time.Time      { return *c.now.Load() }
func openAt(t *testing.T, dir string, c *clock) *db.DB {
	t.Helper()
	d, err := db.Open(dir, db.Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func publish(t *testing.T, d *db.DB, topic int64, bodies ...string) []db.ID {
	t.Helper()
	var ids []db.ID
	for _, b := range bodies {
		m := db.Message{TopicID: topic, Priority: 3, Body: b}
		if err := d.Publish(&m, nil); err != nil {
			t.Fatalf("Publish(%q): %v", b, err)
		}
		ids = append(ids, m.ID)
	}
	return ids
}

// publishMany publishes n messages by 64 publishers, who share the waits for the disk.
func publishMany(t *testing.T, d *db.DB, topic int64, n int, body string) {
	t.Helper()
	var all sync.WaitGroup
	var number atomic.Int64
	for range 64 {
		all.Go(func() {
			for i := number.Add(1); i <= int64(n); i = number.Add(1) {
				m := db.Message{TopicID: topic, Priority: 3, Body: body}
				if err := d.Publish(&m, nil); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
	}
	all.Wait()
}

func bodies(t *testing.T, d *db.DB, topic int64) []string {
	t.Helper()
	var all []string
	for after := db.ID(0); ; {
		page, err := d.MessagesAfter(context.Background(), topic, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		for _, m := range page {
			all = append(all, m.Body)
		}
		after = page[len(page)-1].ID
	}
}

func sweep(t *testing.T, d *db.DB, r db.Retention, want int) {
	t.Helper()
	if n, err := d.Sweep(context.Background(), r); n != want || err != nil {
		t.Fatalf("Sweep(%+v) = %d, %v; want %d", r, n, err, want)
	}
}

func TestSweepByAgeInSteps(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	publishMany(t, d, topic.ID, 1203, "old")
	newest, err := d.NewestID(context.Background(), topic.ID)
	if err != nil {
		t.Fatal(err)
	}
	c.add(48 * time.Hour)
	publish(t, d, topic.ID, "new")
	sweep(t, d, db.Retention{Age: 72 * time.Hour}, 0)
	sweep(t, d, db.Retention{}, 0)
	sweep(t, d, db.Retention{Age: 24 * time.Hour}, 1203)
	if got := bodies(t, d, topic.ID); len(got) != 1 || got[0] != "new" {
		t.Errorf("kept %v, want the new one", got)
	}
	got, err := d.Topic(context.Background(), "ops-east")
	if err != nil || got.MessageCount != 1 {
		t.Errorf("message count = %d, %v; want 1", got.MessageCount, err)
	}
	if to, err := d.PurgedTo(context.Background(), topic.ID); err != nil || to != newest {
		t.Errorf("PurgedTo = %s, %v; want %s, the newest that went", to, err, newest)
	}
}

func TestSweepGoesByTheTopicsOwnRules(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	own, small := dbtest.Topic(t, d, "own-age"), dbtest.Topic(t, d, "own-size")
	for id, rule := range map[int64]db.Topic{own.ID: {Retention: time.Hour}, small.ID: {RetentionBytes: 3 * (64 + 4)}} {
		_, err := d.UpdateTopic(id, db.By{Name: "test"}, func(t *db.Topic) ([]string, error) {
			t.Retention, t.RetentionBytes = rule.Retention, rule.RetentionBytes
			return []string{"retention"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	publish(t, d, own.ID, "gone")
	publish(t, d, small.ID, "aaaa", "bbbb", "cccc", "dddd", "eeee")
	c.add(2 * time.Hour)
	sweep(t, d, db.Retention{Age: 24 * time.Hour}, 3)
	if got := bodies(t, d, own.ID); len(got) != 0 {
		t.Errorf("topic with an age of its own keeps %v", got)
	}
	if got := fmt.Sprint(bodies(t, d, small.ID)); got != "[cccc dddd eeee]" {
		t.Errorf("topic with a size of its own keeps %v, want the newest three", got)
	}
}

func TestSweepOfTheWholeStoreBySize(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	publishMany(t, d, topic.ID, 3000, strings.Repeat("x", 2000))
	newest := publish(t, d, topic.ID, "newest")
	n, err := d.Sweep(context.Background(), db.Retention{Bytes: 4 << 20})
	if err != nil || n < 500 || n > 2000 {
		t.Fatalf("Sweep to 4 MiB = %d, %v; want some of 3000", n, err)
	}
	if left := bodies(t, d, topic.ID); len(left) != 3001-n {
		t.Errorf("%d left, want %d", len(left), 3001-n)
	}
	if id, err := d.NewestID(context.Background(), topic.ID); err != nil || id != newest[0] {
		t.Errorf("the newest left is %s, %v; want %s", id, err, newest[0])
	}
	sweep(t, d, db.Retention{Bytes: 4 << 20}, 0)
}

func TestIdsAreNotReusedAfterASweep(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops-east")
	ids := publish(t, d, topic.ID, "one", "two")
	c.add(2 * time.Hour)
	sweep(t, d, db.Retention{Age: time.Hour}, 2)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	c.add(-24 * time.Hour)
	d = openAt(t, dir, c)
	if next := publish(t, d, topic.ID, "three")[0]; next <= ids[1] {
		t.Errorf("id %s was given after %s", next, ids[1])
	}
}

func TestSweepPassesOverMessagesFromTheFuture(t *testing.T) {
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	c.add(10 * 365 * 24 * time.Hour)
	publish(t, d, topic.ID, "future")
	c.add(-10 * 365 * 24 * time.Hour)
	publish(t, d, topic.ID, "old")
	c.add(2 * time.Hour)
	publish(t, d, topic.ID, "new")
	sweep(t, d, db.Retention{Age: time.Hour}, 1)
	if got := fmt.Sprint(bodies(t, d, topic.ID)); got != "[future new]" {
		t.Errorf("kept %v, want future and new", got)
	}
}

func TestSweepStopsWhenTheClockIsInDoubt(t *testing.T) {
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops-east")
	publish(t, d, topic.ID, "one")
	c.add(48 * time.Hour)
	sweep(t, d, db.Retention{Age: time.Hour, Settled: func() bool { return false }}, 0)
}

func TestSweepEmptiesDeletedTopics(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	gone, kept := dbtest.Topic(t, d, "gone"), dbtest.Topic(t, d, "kept")
	publishMany(t, d, gone.ID, 600, "gone")
	publish(t, d, kept.ID, "kept")
	if err := d.DeleteTopic(gone, db.By{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Sweep(context.Background(), db.Retention{}); err != nil {
		t.Fatal(err)
	}
	if got := bodies(t, d, gone.ID); len(got) != 0 {
		t.Errorf("deleted topic still has %d messages", len(got))
	}
	if got := bodies(t, d, kept.ID); len(got) != 1 {
		t.Errorf("other topic has %v, want its message", got)
	}
}

// TestWhatIsKeptForLookingBackIsBounded ages an activity log, counts per day and an ended token beyond Retention.Audit.
func TestWhatIsKeptForLookingBackIsBounded(t *testing.T) {
	t.Parallel()
	ctx, c := context.Background(), newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "ops")
	token := func(name string, print byte) db.Token {
		k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: name, CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
		k.Fingerprint[0] = print
		if err := d.CreateToken(&k, 100); err != nil {
			t.Fatal(err)
		}
		d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr("192.168.1.20"), Via: "publish"})
		return k
	}
	ended, live := token("ended", 1), token("live", 2)
	if _, err := d.RevokeToken(topic.ID, ended.ID, db.By{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if err := d.Audit(db.Audit{By: db.By{Name: "x"}, Verb: "topic.update", TopicID: topic.ID}); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, d, topic.ID, "old")
	c.add(time.Minute)
	publish(t, d, topic.ID, "old")
	const year = 365 * 24 * time.Hour
	sweep(t, d, db.Retention{Audit: year}, 0)
	if _, err := d.TokenByID(ctx, ended.ID); err != nil {
		t.Errorf("a token that has just ended: %v, want it kept", err)
	}
	c.add(year + 24*time.Hour)
	if err := d.Audit(db.Audit{By: db.By{Name: "x"}, Verb: "topic.update", TopicID: topic.ID, Detail: "new"}); err != nil {
		t.Fatal(err)
	}
	sweep(t, d, db.Retention{}, 0)
	if list, err := d.Activity(ctx, topic.ID, db.ActivityFilter{Limit: 2000}); err != nil || len(list) < 600 {
		t.Errorf("%d lines, %v, kept for ever; want all", len(list), err)
	}
	sweep(t, d, db.Retention{Audit: year}, 0)
	if list, err := d.Activity(ctx, topic.ID, db.ActivityFilter{Limit: 2000}); err != nil || len(list) != 1 || list[0].Detail != "new" {
		t.Errorf("%d lines, %v, after a year; want the new one", len(list), err)
	}
	if _, err := d.TokenByID(ctx, ended.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a token that ended a year ago: %v, want it gone", err)
	}
	if _, err := d.TokenByID(ctx, live.ID); err != nil {
		t.Errorf("a live token: %v, want it kept", err)
	}
	if days, err := d.MessageDays(ctx, topic.ID, time.Time{}); err != nil || len(days) != 0 {
		t.Errorf("days of messages: %v, %v; want none", days, err)
	}
	if days, err := d.TokenDays(ctx, live.ID, time.Time{}); err != nil || len(days) != 0 {
		t.Errorf("days of the live token: %v, %v; want none", days, err)
	}
}

// A list without a limit holds all topics.
func TestTopicsWithoutALimit(t *testing.T) {
	d := dbtest.New(t)
	dbtest.Topic(t, d, "one")
	two := dbtest.Topic(t, d, "two")
	if list, err := d.Topics(context.Background(), db.TopicFilter{All: true}); err != nil || len(list) != 2 {
		t.Errorf("Topics without a limit: %d, %v; want 2", len(list), err)
	}
	if ids, err := d.OwnTopicIDs(context.Background(), two.OwnerID, nil, 10); err != nil || len(ids) != 1 || ids[0] != two.ID {
		t.Errorf("OwnTopicIDs = %v, %v; want the one topic", ids, err)
	}
}

// One topic's flood costs its own messages: what the others hold stays, though it is older.
func TestOneTopicsFloodDoesNotPushOutTheOthers(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	quiet, busy, flood := dbtest.Topic(t, d, "quiet"), dbtest.Topic(t, d, "busy"), dbtest.Topic(t, d, "flood")
	publish(t, d, quiet.ID, "the oldest of all")
	publishMany(t, d, busy.ID, 200, strings.Repeat("b", 2000))
	publishMany(t, d, flood.ID, 3000, strings.Repeat("f", 2000))
	last := publish(t, d, flood.ID, "the newest")
	r := db.Retention{Bytes: 3 << 20}
	n, err := d.Sweep(context.Background(), r)
	if err != nil || n == 0 {
		t.Fatalf("Sweep = %d, %v", n, err)
	}
	if over, err := d.Over(t.Context(), r); over > 0 || err != nil {
		t.Errorf("after the sweep the store is %d bytes too large, %v", over, err)
	}
	if got := len(bodies(t, d, quiet.ID)); got != 1 {
		t.Errorf("the quiet topic holds %d messages, want 1", got)
	}
	if got := len(bodies(t, d, busy.ID)); got != 200 {
		t.Errorf("the busy topic holds %d messages, want 200", got)
	}
	if id, err := d.NewestID(t.Context(), flood.ID); err != nil || id != last[0] {
		t.Errorf("the newest of the flood is %s, %v; want %s", id, err, last[0])
	}
	if left := len(bodies(t, d, flood.ID)); left < 500 {
		t.Errorf("%d messages of the flood are left, want no more gone than must", left)
	}
}

// TestMessagesOfABoardWithoutABattery: it starts in 1970, stores messages, and then gets the time. They are as old as their place in the log
// says, and are deleted when that is too old.
func TestMessagesOfABoardWithoutABattery(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := openAt(t, t.TempDir(), c)
	topic, other := dbtest.Topic(t, d, "ops-east"), dbtest.Topic(t, d, "ops-west")
	publish(t, d, other.ID, "before the power cut")
	now := c.Now()
	c.set(time.Unix(3600, 0))
	publish(t, d, topic.ID, "power is back")
	rules := db.Retention{Age: 24 * time.Hour}
	for _, row := range []struct {
		after time.Duration
		want  string
	}{{time.Hour, "[power is back]"}, {25 * time.Hour, "[]"}} {
		c.set(now.Add(row.after))
		if _, err := d.Sweep(t.Context(), rules); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(bodies(t, d, topic.ID)); got != row.want {
			t.Errorf("%v after the clock was set: %s, want %s", row.after, got, row.want)
		}
	}
}
