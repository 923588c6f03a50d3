package push_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/push"
)

// service is a push service that answers as it is told, and remembers which messages it took.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	took   map[string][]string // by path: the Topic headers, which are message ids
	answer func(path string, n int) (status int, after string)
	tries  map[string]int
}

func newService(t *testing.T) *service {
	s := &service{took: map[string][]string{}, tries: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tries[r.URL.Path]++
		status, after := 201, ""
		if s.answer != nil {
			status, after = s.answer(r.URL.Path, s.tries[r.URL.Path])
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		if status == 201 {
			s.took[r.URL.Path] = append(s.took[r.URL.Path], r.Header.Get("Topic"))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) got(path string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.took[path]...)
}

type world struct {
	t     *testing.T
	d     *db.DB
	topic db.Topic
	s     *service
	p     *push.Pusher
	log   slog.Handler
	o     push.Options // beside those that all tests need
}

func newWorld(t *testing.T) *world { return newWorldOf(t, dbtest.New(t), slog.DiscardHandler) }

func newWorldOf(t *testing.T, d *db.DB, log slog.Handler) *world {
	w := &world{t: t, d: d, s: newService(t), log: log}
	w.topic = dbtest.Topic(t, w.d, "log")
	w.d.Notify(func([]db.Change) {}, func(msgs []*db.Message) {
		if p := w.p; p != nil {
			p.Announce(msgs)
		}
	})
	w.start()
	return w
}

func (w *world) start() {
	o := w.o
	o.Log, o.Hosts = slog.New(w.log), []string{w.s.URL}
	p, err := push.New(context.Background(), w.d, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.p = p
	w.t.Cleanup(p.Close)
	if err := p.Start(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) device(path string, least int) db.Device {
	w.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	v := db.Device{UserID: w.topic.OwnerID, Name: path, Endpoint: w.s.URL + path, P256dh: key.PublicKey().Bytes(), Secret: make([]byte, 16), Base: "https://n.example"}
	if err := w.d.SaveDevice(&v, 0, nil); err != nil {
		w.t.Fatal(err)
	}
	if err := w.d.FollowTopic(v.ID, w.topic.ID, least); err != nil {
		w.t.Fatal(err)
	}
	if err := w.p.RefreshFollowers(); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) publish(n, priority int) (ids []string) {
	w.t.Helper()
	for i := range n {
		m := &db.Message{TopicID: w.topic.ID, Topic: w.topic.Name, Body: fmt.Sprint("message ", i), Priority: priority}
		if err := w.d.Publish(m, nil); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, m.ID.String())
	}
	return ids
}

func (w *world) wait(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(end) {
			w.t.Fatalf("timed out waiting for %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// same reports whether each wanted id was taken, in order; the last of a batch may be repeated after an error.
func same(got, want []string) bool {
	seen := map[string]bool{}
	var once []string
	for _, id := range got {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return fmt.Sprint(once) == fmt.Sprint(want)
}

func TestEveryMessageReachesEveryDevice(t *testing.T) {
	w := newWorld(t)
	w.publish(3, 3) // before anything follows
	w.device("/a", 1)
	w.device("/b", 1)
	w.device("/urgent", 5)
	ids := w.publish(120, 3)
	for _, path := range []string{"/a", "/b"} {
		w.wait(path, func() bool { return same(w.s.got(path), ids) })
		if got := w.s.got(path); len(got) != len(ids) {
			t.Errorf("%s got %d pushes, want %d", path, len(got), len(ids))
		}
	}
	urgent := w.publish(1, 5)
	w.wait("the urgent one", func() bool { return same(w.s.got("/urgent"), urgent) })
}

// TestPushGoesOnAfterRestart: what was stored while nobody pushed is handed on once, from the place that was kept.
func TestPushGoesOnAfterRestart(t *testing.T) {
	w := newWorld(t)
	v := w.device("/a", 1)
	first := w.publish(5, 3)
	w.wait("the first", func() bool {
		left, _, err := w.d.Unpushed(t.Context(), v, 1)
		return err == nil && len(left) == 0
	})
	w.p.Close()
	w.p = nil
	second := w.publish(70, 3)
	w.start()
	w.wait("the rest", func() bool { return same(w.s.got("/a"), append(first, second...)) })
	if got := w.s.got("/a"); len(got) != 75 {
		t.Errorf("%d pushes, want 75: none twice", len(got))
	}
}

// TestAPushUnderWayIsNotRepeated: a push that the push service takes while the server stops is not sent again after the next start, and no
// further one is sent before.
func TestAPushUnderWayIsNotRepeated(t *testing.T) {
	w := newWorld(t)
	entered, hold := make(chan struct{}, 10), make(chan struct{})
	w.s.answer = func(string, int) (int, string) {
		entered <- struct{}{}
		<-hold
		return 201, ""
	}
	w.device("/a", 1)
	ids := w.publish(3, 3)
	<-entered
	closed := make(chan struct{})
	go func() {
		w.p.Close()
		close(closed)
	}()
	<-time.After(100 * time.Millisecond) // in which a server that waits for nothing would have cut it off
	close(hold)
	<-closed
	if got := w.s.got("/a"); len(got) != 1 {
		t.Errorf("%d pushes before the end, want the one that was under way", len(got))
	}
	w.start()
	w.wait("the rest", func() bool { return same(w.s.got("/a"), ids) })
	if got := w.s.got("/a"); len(got) != 3 {
		t.Errorf("%d pushes, want 3: none twice", len(got))
	}
}

// TestGoneDeviceIsRemoved: 404 and 410 end a device, and it costs no further request.
func TestGoneDeviceIsRemoved(t *testing.T) {
	w := newWorld(t)
	for path, status := range map[string]int{"/404": 404, "/410": 410} {
		w.s.answer = func(string, int) (int, string) { return status, "" }
		v := w.device(path, 1)
		w.publish(1, 3)
		w.wait(path, func() bool { _, err := w.d.Device(context.Background(), v.ID); return err == db.ErrNotFound })
	}
}

// TestFailuresAreTriedAgain: a service that fails, or asks for patience, gets the messages later, in order and none left out.
func TestFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.s.answer = func(path string, n int) (int, string) {
		switch {
		case path == "/429" && n%4 == 2:
			return 429, "1"
		case path == "/500" && n == 2:
			return 500, "1"
		case path == "/413" && (n == 2 || n == 4 || n == 5):
			return 413, "" // the second message is taken when it is shorter, the third is not
		}
		return 201, ""
	}
	slow, broken, large := w.device("/429", 1), w.device("/500", 1), w.device("/413", 1)
	ids := w.publish(6, 3)
	w.wait("429", func() bool { return same(w.s.got("/429"), ids) })
	w.wait("500", func() bool { return same(w.s.got("/500"), ids) })
	w.wait("413", func() bool { return len(w.s.got("/413")) == 5 })
	for _, v := range []db.Device{slow, broken, large} {
		w.wait("no failure left", func() bool {
			now, err := w.d.Device(context.Background(), v.ID)
			return err == nil && now.Failures == 0 && !now.DeliveredAt.IsZero()
		})
	}
}

// TestHangingServiceHoldsUpNobody: one that never answers takes no place from another's devices.
func TestHangingServiceHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hang := make(chan struct{})
	dead := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(dead.Close)
	t.Cleanup(func() { close(hang) })
	w.p.Close()
	p, err := push.New(context.Background(), w.d, push.Options{Log: slog.New(slog.DiscardHandler), Hosts: []string{w.s.URL, dead.URL}})
	if err != nil {
		t.Fatal(err)
	}
	w.p = p
	t.Cleanup(p.Close)
	good := w.s.URL
	for i := range 30 {
		w.s.URL = dead.URL
		w.device(fmt.Sprint("/dead", i), 1)
	}
	w.s.URL = good
	w.device("/a", 1)
	began := time.Now()
	ids := w.publish(20, 3)
	w.wait("the living", func() bool { return same(w.s.got("/a"), ids) })
	if took := time.Since(began); took > 15*time.Second { // when the first push that hangs is given up
		t.Errorf("it took %s", took)
	}
}

// TestMutedAndQuiet: a muted device, and one in its quiet hours, gets only what is urgent.
func TestMutedAndQuiet(t *testing.T) {
	w := newWorld(t)
	v := w.device("/a", 1)
	v.MutedUntil, v.QuietFrom, v.QuietTo = time.Now().Add(time.Hour), -1, -1
	if err := w.d.UpdateDevice(v); err != nil {
		t.Fatal(err)
	}
	w.publish(3, 4)
	urgent := w.publish(1, 5)
	w.wait("the urgent one", func() bool { return same(w.s.got("/a"), urgent) })
	minute := time.Now().UTC().Hour()*60 + time.Now().UTC().Minute()
	v.MutedUntil, v.QuietFrom, v.QuietTo, v.Zone = time.Time{}, (minute+1430)%1440, (minute+10)%1440, "UTC"
	if err := w.d.UpdateDevice(v); err != nil {
		t.Fatal(err)
	}
	w.publish(2, 3)
	urgent = append(urgent, w.publish(1, 5)...)
	w.wait("the second urgent one", func() bool { return same(w.s.got("/a"), urgent) })
}
