package hub_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"

	"notifer/server/hub"
)

// TestBurstStaysInTheBuffer announces a burst at once: a stream that was up to date must get it from the buffer, since
// thousands of them reading the log each for itself would take seconds.
func TestBurstStaysInTheBuffer(t *testing.T) {
	const events, frame = 200, 1000
	h := hub.New(hub.Options{
		BufferBytes: events * frame,
		History: func(context.Context, []int64, int64, int64, int, func(hub.Event) bool) error {
			t.Error("the log was read for a stream that was up to date")
			return nil
		},
	})
	defer h.Close(context.Background(), hub.Shutdown)
	c := newConn()
	s := &hub.Sub{}
	var encoded atomic.Int64
	large := &hub.Encoding{Encode: func(dst []byte, e hub.Event) []byte {
		encoded.Add(1)
		return append(dst, bytes.Repeat([]byte("x"), frame)...)
	}}
	h.Register(s, large, []int64{1}, nil)
	s.Start(c, 0)
	burst := make([]hub.Event, events)
	for i := range burst {
		burst[i] = hub.Event{ID: int64(i + 1), Topic: 1}
	}
	h.Publish(burst)
	waitFor(t, "the whole burst", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.got.Len() == events*frame
	})
	if n := encoded.Load(); n != events {
		t.Errorf("%d frames encoded, want one per event: %d", n, events)
	}
}

// TestRingsStayBounded publishes to many topics and far beyond all buffers together: what was dropped is read from the log.
func TestRingsStayBounded(t *testing.T) {
	log := &memLog{}
	h := hub.New(hub.Options{History: log.history, BufferBytes: 4 << 10, AllBytes: 8 << 10})
	defer h.Close(context.Background(), hub.Shutdown)
	const topics, rounds = 20, 500
	conns := make([]*memConn, topics)
	for i := range conns {
		conns[i] = newConn()
		s := &hub.Sub{}
		h.Register(s, form, []int64{int64(i)}, nil)
		s.Start(conns[i], 0)
	}
	for n := range int64(topics * rounds) {
		e := hub.Event{ID: n + 1, Topic: n % topics}
		log.add(e)
		h.Publish([]hub.Event{e})
	}
	for _, c := range conns {
		waitFor(t, "all events of a topic", func() bool { return len(c.ids(t)) == rounds })
	}
	if n := h.Bytes(); n > 8<<10+topics*4<<10 {
		t.Errorf("the buffers hold %d bytes", n)
	}
}
