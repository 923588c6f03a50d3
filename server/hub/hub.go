// Package hub is the fan-out: per-topic buffers of encoded frames, and subscribers that are cursors into them.
//
// It knows no store and no protocol: history and the encoding of frames are functions it is given. Events must come in
// rising order of id and only once they are stored; the hub is a doorbell, the log is elsewhere.
package hub

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Event is one stored message. ID is its place in the log, which rises over all topics. Data is opaque to the hub.
type Event struct {
	ID    int64
	Topic int64
	Data  any
}

// Encoding is one way to write frames: what a dialect sends over one kind of connection. Streams of the same Encoding share its
// frames, so an event is encoded once for all of them.
type Encoding struct {
	// Encode appends the frame of an event.
	Encode func(dst []byte, e Event) []byte
}

// Options are the functions and limits of a hub.
type Options struct {
	// History calls each with the events of some topics with after < id <= upTo, oldest first, at most limit, until it
	// reports false. It may stop earlier though more exist; no call at all means that there are none. An event is valid
	// during its call only.
	History func(ctx context.Context, topics []int64, after, upTo int64, limit int, each func(Event) (more bool)) error
	// Last is the id of the newest event stored before the hub was made.
	Last int64
	// BufferBytes bounds one slab of a topic's buffer in one encoding, AllBytes all buffers together.
	BufferBytes, AllBytes int
	// Beat is the interval of heartbeats; 0 sends none.
	Beat time.Duration
	// Now is the clock.
	Now func() time.Time
	// Panicked, when set, is called with a panic of Encode, History or a connection. Only the stream it happened in ends.
	Panicked func(p any)
}

// Hub connects a log to its subscribers. All methods may be called from any goroutine; Publish by one at a time.
//
// Lock order: mu, then topic.mu or shard.mu. Sub.mu, checks.mu and worker.mu are each taken alone. Encode, Panicked and Now may be called under
// these locks, so they must not call the hub. Allowed, History, left and the methods of a Conn are called under none of them.
type Hub struct {
	// immutable after New
	o       Options
	workers []*worker
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	bytes  atomic.Int64
	checks checks

	// guarded by mu
	mu        sync.Mutex
	topics    map[int64]*topic
	subs      map[*Sub]struct{}
	depend    map[string]map[*Sub]struct{} // streams by what their rights depend on
	empty     chan struct{}                // closed once the hub is closed and no stream is left
	announced int64
	serial    int
	closed    bool
}

// New makes a hub and starts its workers; Close ends them.
func New(o Options) *Hub {
	if o.BufferBytes == 0 {
		o.BufferBytes = 256 << 10
	}
	if o.AllBytes == 0 {
		o.AllBytes = 32 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Hub{o: o, topics: map[int64]*topic{}, subs: map[*Sub]struct{}{}, depend: map[string]map[*Sub]struct{}{},
		empty: make(chan struct{}), announced: o.Last}
	h.checks.wake = make(chan struct{}, 1)
	h.ctx, h.stop = context.WithCancel(context.Background())
	for range runtime.GOMAXPROCS(0) {
		w := &worker{wake: make(chan struct{}, 1)}
		h.workers = append(h.workers, w)
		h.running.Go(func() { w.run(h.ctx) })
	}
	for range checkers {
		h.running.Go(func() { h.checks.run(h.ctx) })
	}
	if o.Beat > 0 {
		h.running.Go(h.beat)
	}
	return h
}

// Publish announces events that have been stored, in rising order, and returns without waiting for any subscriber.
func (h *Hub) Publish(events []Event) {
	if len(events) == 0 {
		return
	}
	var touched [8]*topic
	for _, t := range h.appendAll(touched[:0], events) {
		h.wake(t)
	}
}

// appendAll puts events into the buffers of their topics and adds the topics that have streams to dirty.
func (h *Hub) appendAll(dirty []*topic, events []Event) []*topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		if t := h.topics[e.Topic]; t != nil {
			h.append(t, e)
			if len(dirty) == 0 || dirty[len(dirty)-1] != t {
				dirty = append(dirty, t)
			}
		}
	}
	h.announced = events[len(events)-1].ID
	return dirty
}

func (h *Hub) panicked(p any) {
	if h.o.Panicked != nil {
		h.o.Panicked(p)
	}
}

func (h *Hub) wake(t *topic) {
	for i, w := range h.workers {
		if t.shards[i].any() {
			w.add(t, i)
		}
	}
}

// Announced is the id of the newest announced event: a subscriber with this cursor has everything before it behind it.
func (h *Hub) Announced() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.announced
}

// Subscribers counts the open streams of a topic.
func (h *Hub) Subscribers(id int64) int {
	h.mu.Lock()
	t := h.topics[id]
	h.mu.Unlock()
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, b := range t.buffers {
		n += b.subs
	}
	return n
}

// Open counts all open streams.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// each calls fn for every registered stream, outside the hub's lock.
func (h *Hub) each(fn func(*Sub)) {
	h.mu.Lock()
	list := make([]*Sub, 0, len(h.subs))
	for s := range h.subs {
		list = append(list, s)
	}
	h.mu.Unlock()
	for _, s := range list {
		fn(s)
	}
}

// Close ends every stream with a reason, waits until they have ended, cuts those that have not when the context ends, and stops the
// workers.
func (h *Hub) Close(ctx context.Context, reason Reason) {
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	if first && len(h.subs) == 0 {
		close(h.empty)
	}
	h.mu.Unlock()
	h.each(func(s *Sub) { s.Close(reason) })
	select {
	case <-h.empty:
	case <-ctx.Done():
		h.each(func(s *Sub) { s.fail() })
	}
	h.stop()
	h.running.Wait()
}
