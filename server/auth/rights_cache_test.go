package auth

import (
	"fmt"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/auth/secrets"
)

// filledCache is a cache of two topics of two accounts with two tokens each, and a session and a key of each account.
func filledCache(t *testing.T) *rightsCache {
	t.Helper()
	r, err := newRightsCache(t.Context(), dbtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		user, topic := fmt.Sprint("user_", i), int64(i+1)
		r.topics[fmt.Sprint("topic", i)] = &db.Topic{ID: topic}
		r.keys[secrets.Fingerprint{byte(i)}] = &keyRecord{Key: db.Key{UserID: user}}
		r.sessions[sessionName{id: fmt.Sprint(i)}] = &sessionRecord{Session: db.Session{UserID: user}}
		for k := range 2 {
			r.tokens[secrets.Fingerprint{byte(2*i + k)}] = &tokenRecord{Token: db.Token{ID: fmt.Sprint("token_", 2*i+k), TopicID: topic}}
		}
	}
	return r
}

func TestAChangeDropsOnlyWhatItConcerns(t *testing.T) {
	for _, row := range []struct {
		change                         db.Change
		topics, tokens, keys, sessions int // left
	}{
		{db.Change{User: "user_0"}, 2, 4, 1, 1},
		{db.Change{User: "user_9"}, 2, 4, 2, 2},
		{db.Change{Topic: 1}, 1, 4, 2, 2},
		{db.Change{Topic: 1, Tokens: true}, 1, 2, 2, 2},
		{db.Change{Token: "token_3"}, 2, 3, 2, 2},
		{db.Change{Foreign: true}, 0, 0, 0, 0},
	} {
		r := filledCache(t)
		before := r.generation.Load()
		r.drop([]db.Change{row.change})
		if len(r.topics) != row.topics || len(r.tokens) != row.tokens || len(r.keys) != row.keys || len(r.sessions) != row.sessions {
			t.Errorf("after %+v: %d topics, %d tokens, %d keys, %d sessions; want %d, %d, %d, %d", row.change,
				len(r.topics), len(r.tokens), len(r.keys), len(r.sessions), row.topics, row.tokens, row.keys, row.sessions)
		}
		if r.generation.Load() == before {
			t.Errorf("after %+v the generation is the same", row.change)
		}
	}
}

// A record that was read before a change must not be kept after it.
func TestARecordReadDuringAChangeIsNotKept(t *testing.T) {
	r := filledCache(t)
	v, err := cached(r, r.topics, "new", func() (string, *db.Topic, error) {
		r.drop([]db.Change{{User: "user_0"}})
		return "new", &db.Topic{ID: 9}, nil
	})
	if err != nil || v.ID != 9 || r.topics["new"] != nil {
		t.Errorf("got %+v, %v, kept %+v; want the record, not kept", v, err, r.topics["new"])
	}
}

// A secret made by another process is found after the first miss; before any change a miss costs no query.
func TestSecretsOfAnotherProcessAreFound(t *testing.T) {
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "ops")
	r, err := newRightsCache(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "x", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", Hint: "x"}
	k.Fingerprint[0] = 7
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	if r.known.has(secrets.Fingerprint{7}) {
		t.Error("found without a change")
	}
	r.drop([]db.Change{{Foreign: true}})
	if !r.known.has(secrets.Fingerprint{7}) || r.known.has(secrets.Fingerprint{8}) {
		t.Error("after a change by another process the new secret is not found, or another is")
	}
}
