package server_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
)

// TestASecretSentAgainIsNotedOnceAnHour: the activity log is kept for ever, and a script that goes on sending its own token must
// not fill the disk with it.
func TestASecretSentAgainIsNotedOnceAnHour(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{})
	topic := h.topic("ops-east", db.Private)
	secrets := []string{h.token(topic.Name, "one", "publish").Token, h.token(topic.Name, "two", "publish").Token}
	send := func(secret string) {
		t.Helper()
		h.call("POST", "/ops-east", secrets[0], "my token is "+secret, 422, nil)
	}
	noted := func(want int) {
		t.Helper()
		of, err := h.d.Topic(context.Background(), topic.Name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.d.Activity(context.Background(), of.ID, db.ActivityFilter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		list = slices.DeleteFunc(list, func(a db.Audit) bool { return a.Verb != "message.secret" })
		if len(list) != want {
			t.Errorf("%d lines about secrets in messages, want %d", len(list), want)
		}
	}
	for range 5 {
		send(secrets[0])
		send(secrets[1])
	}
	noted(2)
	clock.Set(61 * time.Minute)
	send(secrets[0])
	noted(3)
}
