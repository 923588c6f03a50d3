package push

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// TestIdleDevicesAreNothing: a device that has everything is no goroutine, no timer and no record in memory.
func TestIdleDevicesAreNothing(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) }))
	t.Cleanup(s.Close)
	d := dbtest.New(t)
	topic := dbtest.Topic(t, d, "log")
	p, err := New(context.Background(), d, Options{Log: slog.New(slog.DiscardHandler), Hosts: []string{s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	d.Notify(func([]db.Change) {}, p.Announce)
	var last string
	for i := range 20 {
		key, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		v := db.Device{UserID: topic.OwnerID, Name: "phone", Endpoint: fmt.Sprint(s.URL, "/", i), P256dh: key.PublicKey().Bytes(), Secret: make([]byte, 16)}
		if err := d.SaveDevice(&v, 0, nil); err != nil {
			t.Fatal(err)
		}
		if err := d.FollowTopic(v.ID, topic.ID, 1); err != nil {
			t.Fatal(err)
		}
		last = v.ID
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := d.Publish(&db.Message{TopicID: topic.ID, Topic: topic.Name, Body: "x", Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
	states := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.devices)
	}
	for end := time.Now().Add(time.Minute); ; <-time.After(5 * time.Millisecond) {
		v, err := d.Device(t.Context(), last)
		if err != nil {
			t.Fatal(err)
		}
		if !v.DeliveredAt.IsZero() && states() == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d devices are busy although everything was pushed", states())
		}
	}
}
