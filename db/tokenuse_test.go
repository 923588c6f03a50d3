package db_test

import (
	"context"
	"net/netip"
	"testing"

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
