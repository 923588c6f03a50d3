package server_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// newHomeAhead is a home by a clock that runs ahead by what the test sets.
func newHomeAhead(t *testing.T, by time.Duration, c server.Config) (*home, *atomic.Int64) {
	t.Helper()
	var ahead atomic.Int64
	ahead.Store(int64(by))
	d, err := db.Open(t.TempDir(), db.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return newHomeOn(t, d, c), &ahead
}

// A clock that is set right past the end of a token ends its open streams too, not only its next request.
func TestStreamEndsWhenTheClockPassesItsExpiry(t *testing.T) {
	h, ahead := newHomeAhead(t, 0, server.Config{Heartbeat: 50 * time.Millisecond})
	h.topic("ops-east", db.Private)
	name, ends := "short", time.Now().Add(time.Hour).Format(time.RFC3339)
	var token api.Token
	h.call("POST", "/api/topics/ops-east/access-tokens", h.jwt,
		api.TokenRequest{Name: &name, Permissions: []string{"subscribe"}, ExpiresAt: &ends}, 201, &token)
	jwt := h.jwt
	h.jwt = token.Token
	r, _ := h.stream("/ops-east/sse", "")
	h.jwt = jwt
	ahead.Store(int64(2 * time.Hour))
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream goes on: %v", err)
		}
		if strings.Contains(line, "revoked") {
			return
		}
	}
}

// A clock that is set right says nothing about the peers: their sockets stay open.
func TestSocketsOutliveAStepOfTheClock(t *testing.T) {
	h, ahead := newHomeAhead(t, 0, server.Config{Heartbeat: 50 * time.Millisecond})
	h.topic("ops-east", db.Public)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	pings := make(chan struct{}, 100)
	c, _, err := websocket.Dial(ctx, h.url+"/ops-east/ws", &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { pings <- struct{}{}; return false }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	got := make(chan error, 1)
	go func() { _, _, err := c.Read(ctx); got <- err }()
	<-pings
	ahead.Store(int64(time.Hour))
	for range 3 { // heartbeats by the new clock
		select {
		case <-pings:
		case err := <-got:
			t.Fatalf("the socket was closed: %v", err)
		}
	}
	h.publish("ops-east", "still here")
	if err := <-got; err != nil {
		t.Errorf("the message did not come: %v", err)
	}
}

// A board that starts in the future and is set right serves who signs in afterwards.
func TestSignInAfterTheClockStepsBack(t *testing.T) {
	h, ahead := newHomeAhead(t, 90*24*time.Hour, server.Config{})
	ahead.Store(0)
	login := h.account("bob", false)
	h.call("GET", "/auth/me", login.AccessToken, nil, 200, nil)
	var again api.Login
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 200, &again)
	h.call("GET", "/auth/me", again.AccessToken, nil, 200, nil)
}

// A place in a deleted topic is gone also when the clock was set back before the next topic of that name was made.
func TestPlaceInADeletedTopicAfterTheClockStepsBack(t *testing.T) {
	h, ahead := newHomeAhead(t, time.Hour, server.Config{})
	h.topic("ops-east", db.Private)
	old := h.publish("ops-east", "old")
	ahead.Store(0)
	h.call("DELETE", "/api/topics/ops-east", h.jwt, nil, 204, nil)
	h.topic("ops-east", db.Private)
	first := h.publish("ops-east", "first")
	for place, want := range map[string]string{old.ID: "earliest", first.ID: first.ID} {
		head := h.call("GET", "/ops-east/json?since="+place, h.jwt, nil, 200, nil)
		if got := head.Get("X-Last-Event-ID"); got != want {
			t.Errorf("X-Last-Event-ID after %s = %q, want %q", place, got, want)
		}
	}
}
