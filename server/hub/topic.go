package hub

import (
	"slices"
	"sync"
)

// topic is a topic with at least one open stream.
type topic struct {
	id int64

	// guarded by mu
	mu      sync.Mutex
	buffers []*encodedBuffer // one for each encoding with subscribers
	base    int64            // a buffer that begins now holds all events after this id

	shards []shard
}

// encodedBuffer holds the frames of a topic in one encoding.
type encodedBuffer struct {
	buffer
	encoding *Encoding
	subs     int
}

// join adds a stream to a topic and returns its buffer of an encoding.
func (t *topic) join(s *Sub, encoding *Encoding) *encodedBuffer {
	t.mu.Lock()
	i := slices.IndexFunc(t.buffers, func(b *encodedBuffer) bool { return b.encoding == encoding })
	if i < 0 {
		i = len(t.buffers)
		t.buffers = append(t.buffers, &encodedBuffer{encoding: encoding, buffer: buffer{base: t.base}})
	}
	b := t.buffers[i]
	b.subs++
	t.mu.Unlock()
	t.shards[s.shard].add(s)
	return b
}

// append encodes an event into the buffers of its topic.
func (h *Hub) append(t *topic, e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer h.recoverEncode(t)
	t.base = e.ID
	for _, b := range t.buffers {
		h.bytes.Add(b.append(e, h.bound(), b.encoding.Encode))
		if h.bytes.Load() > int64(h.o.AllBytes) {
			h.bytes.Add(-b.shrink())
		}
	}
}

// bound is how large a slab may grow: no further while all buffers together hold what they may.
func (h *Hub) bound() int {
	if h.bytes.Load() > int64(h.o.AllBytes) {
		return min(firstSlab, h.o.BufferBytes)
	}
	return h.o.BufferBytes
}

// recoverEncode lets publishing go on after an event that cannot be encoded: the topic's buffers begin again after it, so that its
// streams read it from the log, and end by themselves if it cannot be encoded there either.
func (h *Hub) recoverEncode(t *topic) {
	p := recover()
	if p == nil {
		return
	}
	h.panicked(p)
	for _, b := range t.buffers {
		h.bytes.Add(-b.reset(t.base))
	}
}

// Forget drops the frames of a topic, so that what was edited or deleted is read from the log again. Its streams beat at once: a page
// takes that as the time to see what is gone.
func (h *Hub) Forget(id int64) {
	h.frozen(id, func(t *topic) {
		t.base = h.announced
		for _, b := range t.buffers {
			h.bytes.Add(-b.reset(t.base))
		}
	})
	h.each(func(s *Sub) {
		if slices.Contains(s.ids, id) {
			s.beatOnce()
		}
	})
}

// Trim sends streams to the log for a topic's events up to an id: some of them are deleted. Later ones stay in memory.
func (h *Hub) Trim(id, upTo int64) {
	h.frozen(id, func(t *topic) {
		for _, b := range t.buffers {
			b.base = max(b.base, upTo)
		}
	})
}

// frozen calls fn with a topic that has open streams, while nothing is published and no stream reads its buffers.
func (h *Hub) frozen(id int64, fn func(*topic)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[id]; t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		fn(t)
	}
}
