package db

import (
	"net/netip"
	"testing"
	"time"
)

// TestRotationForgetsTheOldSecretsUse: also one that a failed flush has left to be written.
func TestRotationForgetsTheOldSecretsUse(t *testing.T) {
	u := newUsage()
	u.tokens["token_a"] = &tokenUse{oldLast: time.Now()}
	u.takeCounts() // for a flush that fails
	u.forgetOld("token_a")
	if f := u.takeCounts(); !f.tokens["token_a"].oldLast.IsZero() {
		t.Error("after a rotation the next flush writes the use of an older secret")
	}
}

// TestUsesAreCountedOnceInEverySnapshot reads a token while its uses are written: in a snapshot from before the commit, and in
// the moment after the commit in which the writer still holds them.
func TestUsesAreCountedOnceInEverySnapshot(t *testing.T) {
	d := openStopped(t)
	topic, err := d.Topic(t.Context(), "ops")
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.Tokens(t.Context(), topic.ID)
	if err != nil {
		t.Fatal(err)
	}
	id := list[0].ID
	d.CountToken(id, Use{Address: netip.MustParseAddr("192.168.1.20"), Via: "publish"})
	const query = "select " + tokenFields + tokenFrom + "where k.id = ?"
	old, err := d.read.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer old.Rollback()
	count := func(when string, token Token, err error) {
		t.Helper()
		if err != nil || token.RequestCount != 1 {
			t.Errorf("%s: %d requests, %v; want 1", when, token.RequestCount, err)
		}
	}
	token, err := d.scanToken(old.QueryRow(query, id))
	count("before the flush", token, err)
	if err := d.w.write(&job{flush: true}); err != nil {
		t.Fatal(err)
	}
	token, err = d.scanToken(old.QueryRow(query, id))
	count("after the flush, in the older snapshot", token, err)
	token, err = d.TokenByID(t.Context(), id)
	count("after the flush", token, err)
	d.usage.flushing = d.usage.flushed
	token, err = d.TokenByID(t.Context(), id)
	count("between the commit and the note of it", token, err)
	days, err := d.TokenDays(t.Context(), id, d.Now())
	if err != nil || len(days) != 1 || days[0].OK != 1 {
		t.Errorf("days between the commit and the note of it: %+v, %v; want one use", days, err)
	}
	d.usage.flushing = nil
}
