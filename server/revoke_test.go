package server_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server/test/run"
)

// stream is an open subscription; ended is closed when the server has ended it.
type stream struct {
	mu    sync.Mutex
	text  strings.Builder
	ended chan struct{}
	close func()
}

func (s *stream) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(text)
}

func (s *stream) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// listen subscribes over SSE or WebSocket; nil when the server refuses.
func (w *world) listen(t testing.TB, kind, topic string, credential func(*http.Request)) *stream {
	t.Helper()
	path := "/" + topic + "/" + kind
	if kind == "many" {
		path = "/sse?topics=" + elsewhere + "," + topic
	}
	r, err := http.NewRequest("GET", w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	credential(r)
	s := &stream{ended: make(chan struct{})}
	if kind == "ws" {
		c, _, err := websocket.Dial(context.Background(), w.URL+path, &websocket.DialOptions{HTTPHeader: r.Header})
		if err != nil {
			return nil
		}
		s.close = func() { c.CloseNow() }
		go func() {
			defer close(s.ended)
			for {
				_, text, err := c.Read(context.Background())
				if err != nil {
					s.add(fmt.Sprintf("\nend: %v", err))
					return
				}
				s.add(string(text) + "\n")
			}
		}()
		return s
	}
	res, err := streaming.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if s.close = func() { res.Body.Close() }; res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil
	}
	first := make(chan struct{})
	go func() {
		defer close(s.ended)
		in := bufio.NewReader(res.Body)
		for n := 0; ; n++ {
			l, err := in.ReadString('\n')
			if s.add(l); n == 0 {
				close(first)
			}
			if err != nil {
				return
			}
		}
	}()
	<-first
	return s
}

// within reports whether the server ends a stream in time.
func (s *stream) within(d time.Duration) bool {
	select {
	case <-s.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// ends reports whether the server ends a stream within a second, or what a slow machine makes of it.
func (s *stream) ends(t *testing.T) bool {
	return s.within(time.Second) || s.within(run.Scale(t, 3*time.Second))
}

// TestRevokedStreamsDeliverNothingMore is the race of create, connect, revoke and publish, in a loop: what is published
// after the revoke has answered reaches no stream of the token, whatever its state was.
func TestRevokedStreamsDeliverNothingMore(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	topic, err := w.d.Topic(t.Context(), "t-private")
	if err != nil {
		t.Fatal(err)
	}
	for round := range 40 {
		k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: fmt.Sprintf("round %d", round), CanSubscribe: true, CreatedByName: "owner"}
		secret, err := w.Server.Auth().IssueToken(t.Context(), &k)
		if err != nil {
			t.Fatal(err)
		}
		with := func(r *http.Request) { r.Header.Set("X-Topic-Token", secret) }
		streams := make(chan *stream, 8)
		var joining sync.WaitGroup
		for i := range 6 {
			joining.Go(func() {
				if s := w.listen(t, []string{"sse", "ws"}[i%2], "t-private", with); s != nil {
					streams <- s
				}
			})
		}
		if round%2 == 0 {
			joining.Wait() // else the revoke meets streams that are just being opened
		}
		before := fmt.Sprintf("before %d", round)
		publish(t, w, before)
		if _, err := w.d.RevokeToken(topic.ID, k.ID, db.By{Name: "owner"}); err != nil {
			t.Fatal(err)
		}
		after := fmt.Sprintf("after %d", round)
		publish(t, w, after)
		joining.Wait()
		close(streams)
		for s := range streams {
			if !s.ends(t) {
				t.Errorf("round %d: a stream is open long after the revoke", round)
			}
			if text := s.got(); strings.Contains(text, after) {
				t.Errorf("round %d: delivered after the revoke: %q", round, text)
			}
			s.close()
		}
	}
}

func publish(t testing.TB, w *world, text string) {
	t.Helper()
	for _, topic := range []string{"t-private", "t-public"} {
		row, err := w.d.Topic(context.Background(), topic)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.d.Publish(&db.Message{TopicID: row.ID, Topic: topic, Body: text, Priority: 3}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// cause is one thing that closes streams, and the streams it closes.
type cause struct {
	name   string
	do     func(w *world, topic db.Topic) error
	closes []string
}

func causes() []cause {
	change := func(level string) func(*world, db.Topic) error {
		return func(w *world, t db.Topic) error {
			_, err := w.d.UpdateTopic(t.ID, db.By{Name: "owner"}, func(t *db.Topic) ([]string, error) { t.AccessLevel = level; return []string{"access"}, nil })
			return err
		}
	}
	all := []string{"token", "token ws", "key", "JWT", "cookie", "admin"}
	return []cause{
		{"token revoked", func(w *world, k db.Topic) error {
			_, err := w.d.RevokeToken(k.ID, w.ids["t-private both"], db.By{Name: "owner"})
			return err
		}, []string{"token", "token ws"}},
		{"the grace of a rotation over", func(w *world, k db.Topic) error {
			token, err := w.d.Token(context.Background(), k.ID, w.ids["t-private both"])
			if err != nil {
				return err
			}
			_, err = w.Server.Auth().RotateToken(context.Background(), &token, 300*time.Millisecond, db.By{Name: "owner"})
			return err
		}, []string{"token", "token ws"}},
		{"key revoked", func(w *world, _ db.Topic) error { return w.d.RevokeKey(w.ids["owner"], w.ids["owner subscribe"]) }, []string{"key"}},
		{"key deleted", func(w *world, _ db.Topic) error { return w.d.DeleteKey(w.ids["owner"], w.ids["owner subscribe"]) }, []string{"key"}},
		{"signed out", func(w *world, _ db.Topic) error { return w.d.EndSession(w.ids["owner"], w.ids["owner session"]) }, []string{"JWT"}},
		{"signed out of a browser", func(w *world, _ db.Topic) error {
			return w.d.EndSession(w.ids["owner"], w.ids["owner cookie session"])
		}, []string{"cookie"}},
		{"password changed", func(w *world, _ db.Topic) error {
			_, err := w.d.ChangeUser(w.ids["owner"], func(u *db.User) error { u.PasswordHash = "x"; return nil }, db.Ends{})
			return err
		}, []string{"JWT", "cookie"}},
		{"owner disabled", func(w *world, _ db.Topic) error {
			_, err := w.d.UpdateUser(w.ids["owner"], func(u *db.User) error { u.Disabled = true; return nil })
			return err
		}, []string{"token", "token ws", "other token", "key", "other key", "JWT", "cookie"}},
		{"topic deleted", func(w *world, k db.Topic) error { return w.d.DeleteTopic(k, db.By{Name: "owner"}) }, append(all, "other token", "other key")},
		{"topic made public", change(db.Public), []string{"token", "token ws", "other token"}},
		{"expiry set to now", func(w *world, k db.Topic) error {
			_, err := w.d.UpdateToken(k.ID, w.ids["t-private both"], db.By{Name: "owner"}, func(t *db.Token) ([]string, error) {
				t.ExpiresAt = time.Now().Add(300 * time.Millisecond)
				return []string{"expiry"}, nil
			})
			return err
		}, []string{"token", "token ws"}},
	}
}

// TestEveryCauseClosesItsStreams ends credentials and topics in every way there is: within a second exactly the streams
// that rest on them are closed, and all others still deliver.
func TestEveryCauseClosesItsStreams(t *testing.T) {
	base := buildWorld(t)
	for _, c := range causes() {
		t.Run(c.name, func(t *testing.T) {
			w := base.copied(t)
			defer w.close(t)
			topic, err := w.d.Topic(t.Context(), "t-private")
			if err != nil {
				t.Fatal(err)
			}
			open := w.openAll(t)
			if err := c.do(w, topic); err != nil {
				t.Fatal(err)
			}
			for name, s := range open {
				if contains(c.closes, name) {
					s.endsRevoked(t, name)
				}
			}
			if c.name == "topic deleted" {
				return
			}
			publish(t, w, "still here")
			for name, s := range open {
				if !contains(c.closes, name) {
					s.goesOn(t, name)
				}
			}
		})
	}
}

// endsRevoked wants the stream closed within a second of its cause, and told why.
func (s *stream) endsRevoked(t *testing.T, name string) {
	t.Helper()
	if !s.ends(t) {
		t.Errorf("the stream by %s is still open", name)
	} else if text := s.got(); !strings.Contains(text, "revoked") {
		t.Errorf("the stream by %s ended without saying revoked: %q", name, text)
	}
}

// goesOn wants the message that was published after the cause.
func (s *stream) goesOn(t *testing.T, name string) {
	t.Helper()
	deadline := time.Now().Add(run.Patience)
	for !strings.Contains(s.got(), "still here") && time.Now().Before(deadline) {
		s.within(5 * time.Millisecond)
	}
	if !strings.Contains(s.got(), "still here") {
		t.Errorf("the stream by %s was closed or starved: %q", name, s.got())
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func (w *world) openAll(t testing.TB) map[string]*stream {
	t.Helper()
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	out := map[string]*stream{
		"token":       w.listen(t, "sse", "t-private", set("X-Topic-Token", w.secrets["t-private both"])),
		"token ws":    w.listen(t, "ws", "t-private", set("X-Topic-Token", w.secrets["t-private both"])),
		"other token": w.listen(t, "sse", "t-private", set("X-Topic-Token", w.secrets["t-private subscribe"])),
		"key":         w.listen(t, "sse", "t-private", set("X-API-Key", w.secrets["owner subscribe"])),
		"other key":   w.listen(t, "ws", "t-private", set("X-API-Key", w.secrets["owner *"])),
		"JWT":         w.listen(t, "ws", "t-private", set("Authorization", "Bearer "+w.secrets["owner JWT"])),
		"cookie":      w.listen(t, "sse", "t-private", func(r *http.Request) { cookie(r, w.secrets["owner cookie"]) }),
		"admin":       w.listen(t, "many", "t-private", set("Authorization", "Bearer "+w.secrets["root JWT"])),
		"anonymous":   w.listen(t, "sse", "t-public", func(*http.Request) {}),
	}
	for name, s := range out {
		if s == nil {
			t.Fatalf("the stream by %s is refused", name)
		}
		t.Cleanup(s.close)
	}
	return out
}

// TestVisibilityFlipClosesAnonymousStreams: public to private, with streams open that need a credential from now on.
func TestVisibilityFlipClosesAnonymousStreams(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	nobody, owner := w.listen(t, "sse", "t-public", func(*http.Request) {}), w.listen(t, "ws", "t-public", func(r *http.Request) {
		r.Header.Set("X-API-Key", w.secrets["owner *"])
	})
	socket := w.listen(t, "ws", "t-public", func(*http.Request) {})
	defer owner.close()
	topic, err := w.d.Topic(t.Context(), "t-public")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.d.UpdateTopic(topic.ID, db.By{Name: "owner"}, func(t *db.Topic) ([]string, error) {
		t.AccessLevel = db.Private
		return []string{"access"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, w, "secret now")
	for name, s := range map[string]*stream{"SSE": nobody, "WebSocket": socket} {
		if !s.ends(t) || strings.Contains(s.got(), "secret now") {
			t.Errorf("the anonymous %s stream is open or has read on: %q", name, s.got())
		}
	}
	publish(t, w, "still here")
	owner.goesOn(t, "the owner's key")
}
