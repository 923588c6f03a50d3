package server_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/run"
)

// newHomeAhead is a home on a machine whose wall clock the test sets; its monotonic clock is the real one.
func newHomeAhead(t *testing.T, by time.Duration, c server.Config) (*home, *dbtest.Clock) {
	t.Helper()
	clock := &dbtest.Clock{}
	clock.Set(by)
	d, err := db.Open(t.TempDir(), db.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return newHomeOn(t, d, c), clock
}

// A clock that is set right past the end of a token ends its open streams too, not only its next request.
func TestStreamEndsWhenTheClockPassesItsExpiry(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{Heartbeat: 50 * time.Millisecond})
	h.topic("ops-east", db.Private)
	name, ends := "short", time.Now().Add(time.Hour).Format(time.RFC3339)
	var token api.Token
	h.call("POST", "/api/topics/ops-east/access-tokens", h.jwt,
		api.TokenRequest{Name: &name, Permissions: []string{"subscribe"}, ExpiresAt: &ends}, 201, &token)
	jwt := h.jwt
	h.jwt = token.Token
	r, _ := h.stream("/ops-east/sse", "")
	h.jwt = jwt
	clock.Set(2 * time.Hour)
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

// The tab of a topic's tokens shows nothing more to a reader whose sign-in has expired, also when no right has changed.
func TestTokensTabEndsWhenTheClockPassesTheSignIn(t *testing.T) {
	t.Parallel()
	h, clock := newHomeAhead(t, 0, server.Config{})
	h.topic("ops-east", db.Private)
	r, _ := h.stream("/topic/ops-east/settings/tokens/events", "")
	clock.Set(48 * time.Hour)
	if _, err := io.Copy(io.Discard, r); errors.Is(err, context.DeadlineExceeded) {
		t.Error("the stream goes on")
	}
}

// A clock that is set right says nothing about the peers: their sockets stay open.
func TestSocketsOutliveAStepOfTheClock(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{Heartbeat: 50 * time.Millisecond})
	h.topic("ops-east", db.Public)
	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
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
	clock.Set(time.Hour)
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
	h, clock := newHomeAhead(t, 90*24*time.Hour, server.Config{})
	clock.Set(0)
	login := h.user("bob")
	h.call("GET", "/auth/me", login.AccessToken, nil, 200, nil)
	var again api.Login
	h.call("POST", "/auth/refresh", "", api.RefreshRequest{RefreshToken: login.RefreshToken}, 200, &again)
	h.call("GET", "/auth/me", again.AccessToken, nil, 200, nil)
}

// A place in a deleted topic is gone also when the clock was set back before the next topic of that name was made.
func TestPlaceInADeletedTopicAfterTheClockStepsBack(t *testing.T) {
	h, clock := newHomeAhead(t, time.Hour, server.Config{})
	h.topic("ops-east", db.Private)
	old := h.publish("ops-east", "old")
	clock.Set(0)
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

// since1970 is how far a clock is behind that starts at 1970, as on a board without a battery.
func since1970() time.Duration { return time.Since(time.Unix(5, 0)) }

// A board that starts in 1970 and is set right signs people in at once, and what they get lives by the right time.
func TestSignInAfterAStartIn1970(t *testing.T) {
	h, clock := newHomeAhead(t, -since1970(), server.Config{})
	early := h.user("early")
	code, err := h.s.Auth().NewSetupCode(t.Context())
	if err != nil && !errors.Is(err, db.ErrSetUp) {
		t.Fatal(err)
	}
	clock.Set(0)
	h.call("GET", "/auth/me", early.AccessToken, nil, 401, nil) // it ended in 1970
	login := h.user("bob")
	h.call("GET", "/auth/me", login.AccessToken, nil, 200, nil)
	x, err := h.d.Sessions(t.Context(), login.User.ID)
	if err != nil || len(x) != 1 || time.Until(x[0].ExpiresAt) < 29*24*time.Hour {
		t.Errorf("sessions of the new sign-in: %+v, %v; want one that ends in 30 days", x, err)
	}
	if code != "" {
		if err := h.s.Auth().CheckSetupCode(t.Context(), code); err != nil {
			t.Errorf("the setup code printed a moment before the clock was set: %v", err)
		}
	}
}

// A clock that is set forward ends every kind of credential that has expired by then, and its streams; one that is set back
// revives none of them, and leaves alone what lives longer.
func TestSteppingClockEndsAndRevivesNothing(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{Heartbeat: 100 * time.Millisecond})
	h.topic("ops-east", db.Private)
	token := func(name string, lives time.Duration) string {
		ends := time.Now().Add(lives).Format(time.RFC3339)
		var k api.Token
		h.call("POST", "/api/topics/ops-east/access-tokens", h.jwt,
			api.TokenRequest{Name: &name, Permissions: []string{"publish", "subscribe"}, ExpiresAt: &ends}, 201, &k)
		return k.Token
	}
	short, unused, long := token("short", 30*time.Minute), token("unused", 30*time.Minute), token("long", 90*24*time.Hour)
	name, ends := "cli", time.Now().Add(30*time.Minute).Format(time.RFC3339)
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: name, Scopes: []string{"*"}, ExpiresAt: &ends}, 201, &key)
	jwt := h.jwt
	h.jwt = short
	r, _ := h.stream("/ops-east/sse", "")
	h.jwt = jwt
	history := func(secret string, want int) { h.call("GET", "/ops-east/json", secret, nil, want, nil) }
	all := func(want int) {
		t.Helper()
		history(short, want)
		history(key.Key, want)
		history(jwt, want)
		history(long, 200)
	}
	all(200)
	clock.Set(25 * time.Hour)
	begin := time.Now()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream is cut without a word: %v", err)
		}
		if strings.Contains(line, "revoked") {
			break
		}
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the stream of an expired token went on for %v", took)
	}
	all(401)
	clock.Set(0)
	all(401)
	history(unused, 200) // it has not ended, and nothing said so
	clock.Set(-10 * 365 * 24 * time.Hour)
	all(401)
	login := h.user("bob") // and people sign in
	h.call("GET", "/auth/me", login.AccessToken, nil, 200, nil)
}

// TestSignedRequestIsNoRetryLater: what was sent once more soon after is a retry of its sender; later somebody may have kept it.
func TestSignedRequestIsNoRetryLater(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{})
	h.topic("ops-east", db.Private)
	const secret = "It's a Secret to Everybody"
	token := h.shaped("ops-east", "github", map[string]any{"signing_secret": secret}).Token
	body := []byte(`{"zen": "Keep it logically awesome.", "hook_id": 1}`)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	signature := "sha256=" + hex.EncodeToString(m.Sum(nil))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 200}, {time.Second, 200}, {3 * time.Minute, 401}, {9 * time.Minute, 401}} {
		clock.Set(step.after)
		rec := h.sent("POST", "/ops-east?token="+token, body, "X-Github-Event", "ping", "Content-Type", "application/json", "X-Hub-Signature-256", signature)
		if rec.Code != step.want {
			t.Errorf("after %v it answers %d %s, want %d", step.after, rec.Code, rec.Body, step.want)
		}
	}
	if topic, err := h.d.Topic(t.Context(), "ops-east"); err != nil || topic.MessageCount != 1 {
		t.Errorf("%d messages are stored, %v, want 1", topic.MessageCount, err)
	}
}
