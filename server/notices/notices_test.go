package notices_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/notices"
)

// TestATokenThatExpiresAgain: the owner is notified once that an expired token is still used, and once more when the token was extended
// and has expired again.
func TestATokenThatExpiresAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t)
		topic := dbtest.Topic(t, d, "backups")
		k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x",
			CreatedByName: "x", ExpiresAt: time.Now().Add(time.Minute)}
		if err := d.CreateToken(&k, 100); err != nil {
			t.Fatal(err)
		}
		n := notices.New(d, slog.New(slog.DiscardHandler), time.Minute)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { n.Run(ctx) })
		defer running.Wait()
		defer stop()
		used := func(when string, want int64) {
			t.Helper()
			n.ExpiredTokenUsed(k.ID)
			synctest.Wait()
			if inbox, err := d.Inbox(t.Context(), topic.OwnerID); err != nil || inbox.MessageCount != want {
				t.Errorf("%s: the inbox has %d messages, %v; want %d", when, inbox.MessageCount, err, want)
			}
		}
		time.Sleep(2 * time.Minute)
		used("when it has expired", 1)
		used("when it is used again", 1)
		_, err := d.UpdateToken(topic.ID, k.ID, db.By{Name: "ann"}, func(k *db.Token) ([]string, error) {
			k.ExpiresAt = time.Now().Add(90 * time.Minute)
			return []string{"expiry"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		used("when it has expired again", 2)
		used("when it is used after that", 2)
	})
}
