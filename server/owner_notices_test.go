package server_test

import (
	"context"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/test/inprocess"
)

// TestOwnerNoticesAfterARestart: what was written when the last server stopped is told by the next one, though nobody uses a
// token.
func TestOwnerNoticesAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := dbtest.Topic(t, d, "backups")
	k := db.Token{TopicID: p.ID, Topic: p.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"192.168.1.20", "10.0.0.7"} {
		d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr(address), Via: "publish"})
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	inprocess.New(t, d, server.Config{NoticeInterval: time.Second})
	waitFor(t, func() bool {
		inbox, err := d.Inbox(context.Background(), p.OwnerID)
		return err == nil && inbox.MessageCount == 1
	})
}

// TestOwnerNoticesFindsAnInboxWhoeverTakesItsNames: who takes the names of another's inbox must keep neither that owner nor the
// ones after it from being told.
func TestOwnerNoticesFindsAnInboxWhoeverTakesItsNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	blocked, other := dbtest.Topic(t, d, "blocked"), dbtest.Topic(t, d, "other")
	for n := 1; n <= 100; n++ {
		name := "inbox-blocked"
		if n > 1 {
			name += "-" + strconv.Itoa(n)
		}
		p := db.NewTopic(name, db.User{ID: other.OwnerID, Username: "other"})
		if err := d.CreateTopic(&p, db.By{Name: "other"}); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range []db.Topic{blocked, other} {
		k := db.Token{TopicID: p.ID, Topic: p.Name, Name: "job", CanPublish: true, Fingerprint: []byte{15: byte(i)}, Hash: "x",
			CreatedByName: "x"}
		if err := d.CreateToken(&k, 100); err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"192.168.1.20", "10.0.0.7"} {
			d.CountToken(k.ID, db.Use{Address: netip.MustParseAddr(address), Via: "publish"})
		}
	}
	if err := d.Close(); err != nil { // which writes the uses
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	inprocess.New(t, d, server.Config{NoticeInterval: time.Second})
	waitFor(t, func() bool {
		for _, p := range []db.Topic{blocked, other} {
			if inbox, err := d.Inbox(context.Background(), p.OwnerID); err != nil || inbox.MessageCount != 1 {
				return false
			}
		}
		return true
	})
}
