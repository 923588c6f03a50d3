package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestMatchTopic: what Go matches, SQL matches too, for every pattern and name.
func TestMatchTopic(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	names := []string{"backup-nas", "backup-", "backup", "my-backup-nas", "door", "doorbell", "a-b-c", "abc", "aXc-_9"}
	names = names[:8]
	owner := dbtest.Topic(t, d, names[0]).OwnerID
	for _, n := range names[1:] {
		topic := db.Topic{Name: n, OwnerID: owner, AccessLevel: db.Private}
		if err := d.CreateTopic(&topic, db.By{Name: "ann"}); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string]string{
		"backup-*": "[backup- backup-nas]", "*": fmt.Sprint(sorted(names)), "door": "[door]", "door*": "[door doorbell]", "*nas": "[backup-nas my-backup-nas]",
		"*backup*": "[backup backup- backup-nas my-backup-nas]", "a*b*c": "[a-b-c abc]", "a*b*c*d": "[]", "**": fmt.Sprint(sorted(names)), "x*": "[]", "do*or": "[door]", "door*door": "[]",
	} {
		var byGo, bySQL []string
		for _, n := range names {
			if db.MatchTopic(pattern, n) {
				byGo = append(byGo, n)
			}
		}
		ids, err := d.OwnTopicIDs(context.Background(), owner, []string{"nothing-such", pattern}, 100)
		if err != nil {
			t.Fatal(err)
		}
		found, err := d.TopicNames(context.Background(), append(ids, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			bySQL = append(bySQL, n)
		}
		if fmt.Sprint(sorted(byGo)) != want || fmt.Sprint(sorted(bySQL)) != want {
			t.Errorf("%q fits %v in Go and %v in SQL, want %s", pattern, byGo, bySQL, want)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// TestDeviceOfAKeyFollowsTheKey: a paired device follows what its key reaches, also topics that come later, and no longer what
// the key loses; a revoked key takes its device and its session along.
func TestDeviceOfAKeyFollowsTheKey(t *testing.T) {
	t.Parallel()
	d, ctx := dbtest.New(t), context.Background()
	owner := dbtest.Topic(t, d, "backup-nas").OwnerID
	topic := func(name string) {
		made := db.Topic{Name: name, OwnerID: owner, AccessLevel: db.Private}
		if err := d.CreateTopic(&made, db.By{Name: "ann"}); err != nil {
			t.Fatal(err)
		}
	}
	topic("door")
	k := db.Key{UserID: owner, Name: "phone", Scopes: "subscribe", Topics: []string{"backup-*"}, Paired: true, Fingerprint: []byte("0123456789abcdef"), Hash: "x"}
	if err := d.CreateKey(&k, 0); err != nil {
		t.Fatal(err)
	}
	v := db.Device{UserID: owner, KeyID: k.ID, Name: "phone", Endpoint: "https://fcm.googleapis.com/1", P256dh: make([]byte, 65), Secret: make([]byte, 16)}
	if err := d.SaveDevice(&v, 0, nil); err != nil {
		t.Fatal(err)
	}
	follows := func(want string) {
		t.Helper()
		list, err := d.Devices(ctx, owner)
		if err != nil || len(list) != 1 {
			t.Fatalf("Devices = %v %v", list, err)
		}
		var names []string
		for _, f := range list[0].Topics {
			names = append(names, f.Topic)
		}
		if fmt.Sprint(names) != want {
			t.Errorf("the device follows %v, want %s", names, want)
		}
	}
	follows("[backup-nas]")
	topic("backup-web")
	topic("other")
	follows("[backup-nas backup-web]")
	unpushed := func(want string) {
		t.Helper()
		list, _, err := d.Unpushed(ctx, v, 10)
		var texts []string
		for _, m := range list {
			texts = append(texts, m.Body)
		}
		if err != nil || fmt.Sprint(texts) != want {
			t.Errorf("Unpushed = %v %v, want %s", texts, err, want)
		}
	}
	for _, name := range []string{"backup-nas", "backup-web", "door"} {
		at, err := d.Topic(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Publish(&db.Message{TopicID: at.ID, Topic: name, Body: "in " + name, Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
	unpushed("[in backup-nas in backup-web]")
	if _, err := d.UpdateKey(owner, k.ID, func(k *db.Key) error { k.Topics = []string{"backup-web", "door"}; return nil }); err != nil {
		t.Fatal(err)
	}
	follows("[backup-web door]")
	unpushed("[in backup-web]") // what came to the door before is no news
	if _, err := d.UpdateKey(owner, k.ID, func(k *db.Key) error { k.Scopes = "publish"; return nil }); err != nil {
		t.Fatal(err)
	}
	unpushed("[]")
	if err := d.RevokeKey(owner, k.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := d.Devices(ctx, owner); err != nil || len(list) != 0 {
		t.Errorf("after the key is revoked there are devices %v %v", list, err)
	}
}

// TestOwnMessageDaysWithin: counts per day are of the topics that fit.
func TestOwnMessageDaysWithin(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	owner := dbtest.Topic(t, d, "backup-nas").OwnerID
	diary := db.Topic{Name: "diary", OwnerID: owner, AccessLevel: db.Private}
	if err := d.CreateTopic(&diary, db.By{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"backup-nas", "diary", "diary"} {
		at, err := d.Topic(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Publish(&db.Message{TopicID: at.ID, Topic: name, Body: fmt.Sprint(i), Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil { // the counts are flushed
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, row := range []struct {
		patterns []string
		want     int64
	}{{nil, 3}, {[]string{"backup-*"}, 1}, {[]string{"di*", "x-*"}, 2}, {[]string{"x-*"}, 0}} {
		days, err := d.OwnMessageDays(ctx, owner, row.patterns, time.Time{})
		total := int64(0)
		for _, day := range days {
			total += day.Count
		}
		if err != nil || total != row.want {
			t.Errorf("OwnMessageDays(%q) counts %d %v, want %d", row.patterns, total, err, row.want)
		}
	}
}
