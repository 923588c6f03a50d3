package hub

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Sub is one stream: a cursor into the log of some topics, and a connection. Its life:
//
//	Register -> registered   its rights are decided again when they change, and it may be closed; it sends nothing
//	Check                    its rights are decided; if it may not go on, Close
//	Start    -> started      notify and pump (pump.go) send what is after the cursor; a worker (worker.go) calls notify for what Hub.Publish
//	                         announces; busy is held by the one goroutine that sends
//	hold     -> held         nothing that is announced from then on is sent (what the pump has taken is still written) until Check has
//	                         decided its rights again; then started, or
//	Close    -> ended        no further message is sent; the pump, or Close when it is idle, says goodbye (sayGoodbye)
//	PeerGone, fail -> ended  the connection is cut, and no reason is sent
//	release                  the hub forgets the stream, once; left runs
//
// Package stream opens a stream in this order: Streams.Open registers it and then checks it, and Serve starts it. The request was authorized
// before that, so a right that ends between the two is found by the check, and one that ends later by Hub.HoldDependents (hold.go): it
// holds the streams that depend on what was changed, and two goroutines of the hub check them.
//
// A subscriber that reads slowly costs no queue: its cursor stays behind, and a goroutine of its own waits in Conn.Write. It is cut when
// it does not take 16 KiB within the write timeout, and over a WebSocket also when nothing has been heard of it for a minute or for two
// heartbeats, whichever is longer (package stream, conn.go). A stream resumes from the id that its request names, else from ?since=, else it
// begins at the last announced message; one whose place is gone gets what is kept, and X-Last-Event-ID: earliest (package wire, resume.go).
type Sub struct {
	// immutable after Register
	h        *Hub
	encoding *Encoding
	ids      []int64
	slot     int
	// Encodings, when set before Register, are those of the single topics, in their order.
	Encodings []*Encoding
	// Depends lists what Allowed decides by, as names that the caller gives; set before Register. They are the ids of the account and the
	// token, and the topics: Hub.HoldDependents with one of these names holds the stream.
	Depends []string
	// Allowed, when set before Register, decides whether the stream may go on and until when; the zero time means for ever. Package stream
	// sets it: for each topic of the stream it asks auth.Reauthorize whether the credential may still read, and where it may manage the topic
	// whether it still may. If not, the frames have to be others, and the error is ErrReopen.
	Allowed func() (until time.Time, err error)

	// set by Start
	shard int

	// What a delivery looks at is together: thousands of streams are not in the processor's cache.

	conn   Conn     // set by Start
	topics []joined // set by Start

	// owned by the goroutine that holds busy
	cursor int64
	rows   int // of the next page of history

	// guarded by mu
	mu      sync.Mutex
	busy    bool
	again   bool // notify was called while busy
	beatDue bool
	started bool
	ended   bool
	held    bool // set by hold: nothing is sent until Check has decided the rights again
	said    bool // the reason has been sent, is being sent, or is not to be sent
	reason  Reason
	asked   int // how often Allowed was asked
	timer   *time.Timer
	until   time.Time // as Allowed said last
	left    func()    // nil once release has run it
}

// joined is a topic of a stream, with its buffer in the encoding of the stream.
type joined struct {
	*topic
	buffer *encodedBuffer
}

// Register adds a stream to those that are held and closed, before it sends anything. left runs once, when the stream
// has ended. It reports false when the hub is closing.
func (h *Hub) Register(s *Sub, encoding *Encoding, topics []int64, left func()) bool {
	s.h, s.encoding, s.ids, s.left = h, encoding, topics, left
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.subs[s] = struct{}{}
	for _, key := range s.Depends {
		if h.depend[key] == nil {
			h.depend[key] = map[*Sub]struct{}{}
		}
		h.depend[key][s] = struct{}{}
	}
	h.serial++
	s.slot = h.serial
	return true
}

// stopped reports whether nothing may be sent: the stream has ended, or is held.
func (s *Sub) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended || s.held
}

// Start connects the stream and lets it send everything after the cursor: what is stored, then what comes, with no seam between. A topic
// has a buffer for each encoding, which begins when the first stream of that encoding comes, and drops its oldest frames. While the cursor is
// before the buffer, pages of the log are sent, each up to the last message announced when it is read (readHistory); the cursor has then
// passed what is in both. Start reports false when the stream has been closed meanwhile; the connection is then the caller's to close.
func (s *Sub) Start(conn Conn, cursor int64) bool {
	h := s.h
	h.mu.Lock()
	if _, ok := h.subs[s]; !ok {
		h.mu.Unlock()
		return false
	}
	s.shard = s.slot % len(h.workers)
	for i, id := range s.ids {
		t := h.topics[id]
		if t == nil {
			t = &topic{id: id, base: h.announced, shards: make([]shard, len(h.workers))}
			h.topics[id] = t
		}
		s.topics = append(s.topics, joined{t, t.join(s, s.encodingAt(i))})
	}
	h.mu.Unlock()
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	s.conn, s.cursor, s.started = conn, cursor, true
	s.mu.Unlock()
	s.notify()
	return true
}

// unregister takes the stream out of its topics; a topic without streams is dropped with its buffers.
func (h *Hub) unregister(s *Sub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.subs[s]; !ok {
		return
	}
	delete(h.subs, s)
	for _, key := range s.Depends {
		if delete(h.depend[key], s); len(h.depend[key]) == 0 {
			delete(h.depend, key)
		}
	}
	if h.closed && len(h.subs) == 0 {
		close(h.empty)
	}
	for _, t := range s.topics {
		t.shards[s.shard].remove(s)
		t.mu.Lock()
		if b := t.buffer; b.subs == 1 {
			h.bytes.Add(-b.reset(0))
			t.buffers = slices.DeleteFunc(t.buffers, func(other *encodedBuffer) bool { return other == b })
		} else {
			b.subs--
		}
		if len(t.buffers) == 0 {
			delete(h.topics, t.id)
		}
		t.mu.Unlock()
	}
}

// ErrUndecided, from Allowed, means that it could not be decided whether the stream may go on. The stream ends with the reason Failed, like
// one whose history cannot be read, and its client may come back.
var ErrUndecided = errors.New("the rights cannot be read")

// ErrReopen, from Allowed, means that the stream may go on, but in other encodings: it ends with the reason Gone, and its client
// opens it again.
var ErrReopen = errors.New("the stream has to be opened again")

// hold stops the stream from sending until Check has been called once more. It does not block.
func (s *Sub) hold() {
	if s.Allowed == nil {
		return
	}
	s.mu.Lock()
	s.asked++ // an answer on its way was asked for too early
	s.held = true
	s.mu.Unlock()
}

// Check asks Allowed, closes the stream when it may not go on, and asks again when its time is over. A stream that was held and may go on
// sends again.
func (s *Sub) Check() error {
	if s.Allowed == nil {
		return nil
	}
	s.mu.Lock()
	s.asked++
	mine := s.asked
	s.mu.Unlock()
	until, err := s.Allowed()
	if err != nil {
		reason := Revoked
		if errors.Is(err, ErrUndecided) {
			reason = Failed
		} else if errors.Is(err, ErrReopen) {
			reason = Gone
		}
		s.Close(reason)
		return err
	}
	if s.goOn(mine, until) {
		s.notify()
	}
	return nil
}

// goOn takes the answer to a question about the stream's rights, unless it was asked again meanwhile. It reports whether the
// stream was held and may send again.
func (s *Sub) goOn(asked int, until time.Time) (released bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked != s.asked {
		return false // the later answer counts
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.until = until
	if !until.IsZero() && !s.ended {
		s.timer = time.AfterFunc(until.Sub(s.h.o.Now())+time.Millisecond, func() {
			defer s.recoverPanic()
			_ = s.Check()
		})
	}
	released, s.held = s.held, false
	return released
}

// sayGoodbye sends the reason of the end. It may block, so it has a goroutine of its own. busy stays held: nothing is sent
// after it.
func (s *Sub) sayGoodbye() {
	defer s.recoverPanic()
	s.conn.End(s.reason)
	s.release()
}

// fail ends a stream whose connection is of no more use, and cuts it. Any goroutine may call it: what a pump then sends fails, and it stops.
func (s *Sub) fail() {
	s.mu.Lock()
	s.ended, s.said = true, true
	started := s.started
	s.mu.Unlock()
	if started {
		s.conn.Abort()
	}
	s.release()
}

func (s *Sub) release() {
	s.h.unregister(s)
	s.mu.Lock()
	left := s.left
	s.left = nil
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	if left != nil {
		left()
	}
}

// Close ends the stream: nothing published from now on reaches it. A write under way gets a second to finish.
func (s *Sub) Close(r Reason) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended, s.reason = true, r
	busy, started := s.busy, s.started
	s.busy = true
	s.mu.Unlock()
	switch {
	case !started:
		s.release()
	case busy:
		s.conn.Hurry()
	default:
		s.pump(false)
	}
}

// Reason is why the stream is closed.
func (s *Sub) Reason() Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}

// PeerGone ends a stream whose peer has gone away; its connection's reader calls it.
func (s *Sub) PeerGone() {
	s.mu.Lock()
	first := !s.ended && s.started
	s.ended, s.said = true, true
	s.mu.Unlock()
	if first {
		s.conn.Abort()
	}
	s.release()
}
