package server_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
