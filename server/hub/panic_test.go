package hub_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"notifer/server/hub"
)

// TestPanicInEncodeLosesNothing lets the encoding of one event panic once: every stream still gets every event.
func TestPanicInEncodeLosesNothing(t *testing.T) {
	log := &memLog{}
	var once atomic.Bool
	var told atomic.Int32
	h := hub.New(hub.Options{History: log.history, Panicked: func(any) { told.Add(1) }})
	panics := func(dst []byte, e hub.Event) []byte {
		if e.ID == 5 && once.CompareAndSwap(false, true) {
			panic("boom")
		}
		return encode(dst, e)
	}
	forms := []*hub.Encoding{{Encode: panics}, {Encode: panics}}
	defer h.Close(context.Background(), hub.Shutdown)
	conns := []*memConn{newConn(), newConn()}
	for i, c := range conns {
		s := &hub.Sub{}
		h.Register(s, forms[i], []int64{1}, nil)
		s.Start(c, 0)
	}
	for i := int64(1); i <= 10; i++ {
		e := hub.Event{ID: i, Topic: 1}
		log.add(e)
		h.Publish([]hub.Event{e})
	}
	for i, c := range conns {
		waitFor(t, fmt.Sprint("all events on stream ", i), func() bool { return len(c.ids(t)) == 10 })
		if got := c.ids(t); !slices.IsSorted(got) {
			t.Errorf("stream %d got %v", i, got)
		}
	}
	if told.Load() != 1 {
		t.Errorf("told of %d panics, want 1", told.Load())
	}
}

// TestPanicEndsOnlyItsStream lets one event never be encoded: the streams that need it end, others go on.
func TestPanicEndsOnlyItsStream(t *testing.T) {
	log := &memLog{}
	h := hub.New(hub.Options{History: log.history})
	form := &hub.Encoding{Encode: func(dst []byte, e hub.Event) []byte {
		if e.ID == 1 {
			panic("boom")
		}
		return encode(dst, e)
	}}
	defer h.Close(context.Background(), hub.Shutdown)
	first, second := newConn(), newConn()
	s := &hub.Sub{}
	h.Register(s, form, []int64{1}, nil)
	s.Start(first, 0)
	for i := int64(1); i <= 2; i++ {
		e := hub.Event{ID: i, Topic: 1}
		log.add(e)
		h.Publish([]hub.Event{e})
	}
	waitFor(t, "the stream's end", func() bool { return h.Open() == 0 })
	other := &hub.Sub{}
	h.Register(other, form, []int64{1}, nil)
	other.Start(second, 1)
	waitFor(t, "the event after it", func() bool { return slices.Equal(second.ids(t), []int64{2}) })
}
