package db_test

import (
	"context"
	"database/sql"
	"net/netip"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestCountsSurviveClose counts many uses, closes the store at once, and finds every one of them.
func TestCountsSurviveClose(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "backups")
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr("192.168.1.20"), Via: "publish", Refused: i%10 == 0})
	}
	d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr("10.0.0.7"), Via: "sse"})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got, err := d.TokenByID(ctx, k.ID)
	if err != nil || got.RequestCount != 1001 || got.RefusedCount != 100 {
		t.Errorf("counts %d and %d refused (%v), want 1001 and 100", got.RequestCount, got.RefusedCount, err)
	}
	days, err := d.TokenDays(ctx, k.ID, d.Now().AddDate(0, 0, -1))
	if err != nil || len(days) == 0 || days[len(days)-1].OK != 901 {
		t.Errorf("days %v (%v), want 901 served", days, err)
	}
	if list, err := d.NewNetworks(ctx); err != nil || len(list) > 1 {
		t.Errorf("new networks %v (%v), want at most the second one", list, err)
	}
}

// TestCountsSurviveAFailedFlush lets the first flush fail: the counts are in the store after the next chance, which is Close.
func TestCountsSurviveAFailedFlush(t *testing.T) {
	dir, ctx, c := t.TempDir(), context.Background(), newClock()
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "backups")
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("create trigger fault before update on token begin select raise(abort, 'fault'); end"); err != nil {
		t.Fatal(err)
	}
	d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr("192.168.1.20"), Via: "publish"})
	c.add(5 * time.Second)
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); err == nil {
		t.Fatal("the counters are written in spite of the fault")
	}
	ofTopic, err := d.TopicTokenDays(ctx, topic.ID, d.Now().AddDate(0, 0, -1))
	if days := ofTopic[k.ID]; err != nil || len(days) != 1 || days[0].OK != 1 {
		t.Errorf("days of the topic after the failure: %+v, %v; want the use that waits", days, err)
	}
	if days, err := d.TokenDays(ctx, k.ID, d.Now().AddDate(0, 0, -1)); err != nil || len(days) != 1 || days[0].OK != 1 {
		t.Errorf("days of the token after the failure: %+v, %v; want the use that waits", days, err)
	}
	if _, err := raw.Exec("drop trigger fault"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = openAt(t, dir, c)
	if got, err := d.TokenByID(ctx, k.ID); err != nil || got.RequestCount != 1 {
		t.Errorf("%d requests, %v; want the one that was counted", got.RequestCount, err)
	}
}

// Whoever remembers TokenUses sees it move when what was counted is written, too: networks are read from the store.
func TestTokenUsesMovesWithTheFlush(t *testing.T) {
	ctx, c := context.Background(), newClock()
	d := openAt(t, t.TempDir(), c)
	topic := dbtest.Topic(t, d, "backups")
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	var seen uint64
	for _, address := range []string{"192.168.1.20", "10.0.0.7"} {
		d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr(address), Via: "publish"})
		seen = d.TokenUses()
		c.add(5 * time.Second)
		publish(t, d, topic.ID, "x")
	}
	list, err := d.NewNetworks(ctx)
	if err != nil || len(list) != 1 {
		t.Fatalf("new networks %v, %v; want the second one", list, err)
	}
	if d.TokenUses() == seen {
		t.Error("a new network is in the store, and TokenUses has not moved since before")
	}
}

// Warnings are counted in memory and in the store alike, and the last one stays.
func TestTokenWarnings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *db.DB {
		d, err := db.Open(dir, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	d := open()
	topic := dbtest.Topic(t, d, "backups")
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 10); err != nil {
		t.Fatal(err)
	}
	want := func(count int64, text string) {
		t.Helper()
		got, err := d.Token(t.Context(), topic.ID, k.ID)
		if err != nil || got.WarningCount != count || got.LastWarning != text || got.LastWarningAt.IsZero() != (count == 0) {
			t.Errorf("%d %q at %v, %v, want %d %q", got.WarningCount, got.LastWarning, got.LastWarningAt, err, count, text)
		}
	}
	want(0, "")
	d.NoteWarning(k.ID, "first")
	d.NoteWarning(k.ID, "second")
	want(2, "second")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open()
	want(2, "second")
	d.NoteWarning(k.ID, "third")
	want(3, "third")
}

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"203.0.113.9": "203.0.113.0/24", "::ffff:203.0.113.9": "203.0.113.0/24", "2001:db8:1:2::9": "2001:db8:1::/48", "fe80::9%eth0": "fe80::/48",
	} {
		if got := db.NetworkOf(netip.MustParseAddr(address)); got != want {
			t.Errorf("NetworkOf(%s) = %q, want %q", address, got, want)
		}
	}
	if got := db.NetworkOf(netip.Addr{}); got != "" {
		t.Errorf("NetworkOf of no address = %q", got)
	}
}
