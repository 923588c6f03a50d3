package hub_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notifer/server/hub"
)

// memLog is a log in memory: what the store is to the hub.
type memLog struct {
	mu     sync.Mutex
	events []hub.Event
}

func (l *memLog) add(e hub.Event) {
	l.mu.Lock()
	l.events = append(l.events, e)
	l.mu.Unlock()
}

func (l *memLog) history(_ context.Context, topics []int64, after, upTo int64, limit int, each func(hub.Event) bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.ID <= after || e.ID > upTo || !slices.Contains(topics, e.Topic) {
			continue
		}
		if limit--; !each(e) || limit == 0 {
			break
		}
	}
	return nil
}

func encode(dst []byte, e hub.Event) []byte { return fmt.Appendf(dst, "%d\n", e.ID) }

// forms are two ways to write the same frames, form the one that most tests use.
var (
	forms = []*hub.Encoding{{Encode: encode}, {Encode: encode}}
	form  = forms[0]
)

// memConn keeps what it is sent; while stalled it takes nothing without blocking and a little with.
type memConn struct {
	mu      sync.Mutex
	got     strings.Builder
	ended   chan hub.Reason
	stalled bool
	release chan struct{}
}

func newConn() *memConn {
	return &memConn{ended: make(chan hub.Reason, 1), release: make(chan struct{})}
}

func (c *memConn) Try(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stalled {
		n := min(1, len(p))
		c.got.Write(p[:n])
		return n, nil
	}
	c.got.Write(p)
	return len(p), nil
}

func (c *memConn) Write(p []byte) error {
	c.mu.Lock()
	stalled := c.stalled
	c.mu.Unlock()
	if stalled {
		<-c.release
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stalled {
		return errors.New("peer does not read")
	}
	c.got.Write(p)
	return nil
}

func (c *memConn) Beat() []byte     { return []byte(":\n") }
func (c *memConn) End(r hub.Reason) { c.ended <- r }
func (c *memConn) Hurry()           {}
func (c *memConn) Abort()           {}
func (c *memConn) Alive() bool      { return true }

func (c *memConn) ids(t *testing.T) []int64 {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []int64
	for _, line := range strings.Fields(c.got.String()) {
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			t.Fatalf("torn frame %q", line)
		}
		ids = append(ids, n)
	}
	return ids
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// TestJoinsHaveNoSeam joins at many moments while events are published; each stream must hold every event after its
// cursor once and in order, also when its buffer is far too small.
func TestJoinsHaveNoSeam(t *testing.T) {
	log := &memLog{}
	h := hub.New(hub.Options{History: log.history, BufferBytes: 64})
	defer h.Close(context.Background(), hub.Shutdown)
	const total, joins = 2000, 40
	var conns []*memConn
	var cursors []int64
	var topics [][]int64
	for i := int64(1); i <= total; i++ {
		e := hub.Event{ID: i, Topic: i % 3}
		log.add(e)
		h.Publish([]hub.Event{e})
		if i%(total/joins) == 0 {
			c := newConn()
			want := []int64{i % 3}
			if i%2 == 0 {
				want = []int64{0, 1, 2}
			}
			s := &hub.Sub{}
			if !h.Register(s, forms[i%2], want, nil) {
				t.Fatal("hub refuses streams")
			}
			s.Start(c, i/2)
			conns, cursors, topics = append(conns, c), append(cursors, i/2), append(topics, want)
		}
	}
	for i, c := range conns {
		var want []int64
		for id := cursors[i] + 1; id <= total; id++ {
			if slices.Contains(topics[i], id%3) {
				want = append(want, id)
			}
		}
		waitFor(t, "stream to catch up", func() bool { return len(c.ids(t)) >= len(want) })
		if got := c.ids(t); !slices.Equal(got, want) {
			t.Errorf("stream %d from %d on %v got %d events, want %d", i, cursors[i], topics[i], len(got), len(want))
		}
	}
}

func TestFrameIsEncodedOncePerForm(t *testing.T) {
	h := hub.New(hub.Options{History: (&memLog{}).history})
	defer h.Close(context.Background(), hub.Shutdown)
	var encoded atomic.Int64
	count := func(dst []byte, e hub.Event) []byte {
		encoded.Add(1)
		return encode(dst, e)
	}
	counting := []*hub.Encoding{{Encode: count}, {Encode: count}}
	var conns []*memConn
	for i := range 100 {
		c := newConn()
		s := &hub.Sub{}
		h.Register(s, counting[i%2], []int64{7}, nil)
		s.Start(c, 0)
		conns = append(conns, c)
	}
	for id := int64(1); id <= 10; id++ {
		h.Publish([]hub.Event{{ID: id, Topic: 7}, {ID: id + 100, Topic: 8}})
	}
	for _, c := range conns {
		waitFor(t, "ten events", func() bool { return len(c.ids(t)) == 10 })
	}
	if got := encoded.Load(); got != 20 {
		t.Errorf("encoded %d frames for 10 events in 2 forms, want 20", got)
	}
}

func TestStalledStreamHoldsNobodyAndClosedOneGetsNothing(t *testing.T) {
	log := &memLog{}
	h := hub.New(hub.Options{History: log.history})
	slow, quick := newConn(), newConn()
	slow.stalled = true
	subs := []*hub.Sub{{}, {}}
	for i, c := range []*memConn{slow, quick} {
		h.Register(subs[i], form, []int64{1}, nil)
		subs[i].Start(c, 0)
	}
	for id := int64(1); id <= 5; id++ {
		log.add(hub.Event{ID: id, Topic: 1})
		h.Publish([]hub.Event{{ID: id, Topic: 1}})
	}
	waitFor(t, "the quick stream", func() bool { return len(quick.ids(t)) == 5 })
	subs[1].Close(hub.Revoked)
	h.Publish([]hub.Event{{ID: 6, Topic: 1}})
	if r := <-quick.ended; r != hub.Revoked {
		t.Errorf("ended with reason %d, want revoked", r)
	}
	waitFor(t, "the closed stream to leave", func() bool { return h.Open() == 1 })
	if got := len(quick.ids(t)); got != 5 {
		t.Errorf("a closed stream got %d events, want 5", got)
	}
	close(slow.release)
	h.Close(context.Background(), hub.Shutdown)
}
