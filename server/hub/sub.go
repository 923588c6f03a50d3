package hub

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Reason says why a stream ends; the connection turns it into its protocol's words.
type Reason uint8

// The reasons.
const (
	Gone     Reason = iota // the peer has left or does not read
	Revoked                // the credential or the topic ended
	Shutdown               // the server stops
	Failed                 // history could not be read
)

// Conn is a subscriber's connection. Try and Write are called by one goroutine at a time; Hurry, Abort and Alive by any.
type Conn interface {
	// Try writes what the connection takes without blocking and reports how much that was.
	Try(p []byte) (int, error)
	// Write writes all of p or fails when the peer does not read within the connection's deadline.
	Write(p []byte) error
	// Beat is the keep-alive frame.
	Beat() []byte
	// End says goodbye with a reason and lets the connection close itself shortly after.
	End(Reason)
	// Hurry gives a Write that is under way one second more.
	Hurry()
	// Abort closes at once.
	Abort()
	// Alive reports whether the peer has been heard of recently enough.
	Alive(now time.Time) bool
}

// Sub is one stream: a cursor into the log of some topics, and a connection.
type Sub struct {
	// immutable after Register
	h    *Hub
	form Form
	ids  []int64
	slot int
	left func()
	// Recheck, when set before Register, says whether the stream may go on and until when; the zero time is for ever.
	Recheck func() (until time.Time, err error)

	// set by Start
	conn   Conn
	topics []*topic
	shard  int

	// owned by whoever holds busy
	cursor int64

	// guarded by mu
	mu      sync.Mutex
	busy    bool
	again   bool // the bell rang while busy
	beatDue bool
	started bool
	ended   bool
	reason  Reason
	said    bool // End has been called
	timer   *time.Timer
}

// Register adds a stream to those that are rechecked and closed, before it sends anything. left runs once, when the
// stream has ended. It reports false when the hub is closing.
func (h *Hub) Register(s *Sub, form Form, topics []int64, left func()) bool {
	s.h, s.form, s.ids, s.left = h, form, topics, left
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.subs[s] = struct{}{}
	h.serial++
	s.slot = h.serial
	return true
}

// Check asks Recheck, closes the stream when it may not go on, and asks again when its time is over.
func (s *Sub) Check() error {
	if s.Recheck == nil {
		return nil
	}
	until, err := s.Recheck()
	if err != nil {
		s.Close(Revoked)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	if !until.IsZero() && !s.ended {
		s.timer = time.AfterFunc(until.Sub(s.h.o.Now())+time.Millisecond, func() { _ = s.Check() })
	}
	return nil
}

// Start connects the stream and lets it send everything after the cursor: what is stored, then what comes, with no
// seam between. It reports false when the stream has been closed meanwhile; the connection is then the caller's to close.
func (s *Sub) Start(conn Conn, cursor int64) bool {
	h := s.h
	h.mu.Lock()
	if _, ok := h.subs[s]; !ok {
		h.mu.Unlock()
		return false
	}
	s.shard = s.slot % len(h.workers)
	for _, id := range s.ids {
		t := h.topics[id]
		if t == nil {
			t = &topic{id: id, base: h.announced, shards: make([]shard, len(h.workers))}
			h.topics[id] = t
		}
		t.join(s)
		s.topics = append(s.topics, t)
	}
	h.mu.Unlock()
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	s.conn, s.cursor, s.started = conn, cursor, true
	s.mu.Unlock()
	s.ring()
	return true
}

func (t *topic) join(s *Sub) {
	t.mu.Lock()
	if t.forms[s.form]++; !t.rings[s.form].live {
		t.rings[s.form].begin(t.base)
	}
	t.mu.Unlock()
	t.shards[s.shard].add(s)
}

// leave takes the stream out of its topics; a topic that nobody subscribes to is dropped with its rings.
func (h *Hub) leave(s *Sub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.subs[s]; !ok {
		return
	}
	delete(h.subs, s)
	for _, t := range s.topics {
		t.shards[s.shard].remove(s)
		t.mu.Lock()
		if t.forms[s.form]--; t.forms[s.form] == 0 {
			h.bytes.Add(-t.rings[s.form].reset(0))
			t.rings[s.form].live = false
		}
		if t.forms == [MaxForms]int{} {
			delete(h.topics, t.id)
		}
		t.mu.Unlock()
	}
}

// ring sends what is new without blocking, and leaves the rest to a goroutine of the stream's own.
func (s *Sub) ring() {
	s.mu.Lock()
	if s.busy || !s.started {
		s.again = true
		s.mu.Unlock()
		return
	}
	s.busy = true
	s.mu.Unlock()
	s.pump(false)
}

// pump sends until nothing is left. It begins on a worker, which must not wait: what would block, or has to be read
// from the log, continues in a goroutine. Only the holder of busy runs it.
func (s *Sub) pump(mayBlock bool) {
	for {
		data, last, behind := s.next()
		if data == nil && !behind {
			if s.rest() {
				return
			}
			continue
		}
		if !mayBlock {
			if behind {
				go s.pump(true)
				return
			}
			n, err := s.conn.Try(data)
			if err != nil {
				s.gone(Gone)
				return
			}
			if n < len(data) {
				go s.finish(data[n:], last)
				return
			}
			s.cursor = max(s.cursor, last)
			continue
		}
		if !s.sendBlocking(data, last, behind) {
			return
		}
	}
}

// finish writes the rest of what a worker began.
func (s *Sub) finish(data []byte, last int64) {
	if s.sendBlocking(data, last, false) {
		s.pump(true)
	}
}

func (s *Sub) sendBlocking(data []byte, last int64, behind bool) bool {
	if behind {
		var err error
		if data, last, err = s.fromHistory(); err != nil {
			s.gone(Failed)
			return false
		}
	}
	if len(data) > 0 {
		if err := s.conn.Write(data); err != nil {
			s.gone(Gone)
			return false
		}
	}
	s.cursor = max(s.cursor, last)
	return true
}

// next is what to send now: a heartbeat that is due, or frames after the cursor. Nothing once the stream has ended.
func (s *Sub) next() (data []byte, last int64, behind bool) {
	s.mu.Lock()
	beat, ended := s.beatDue, s.ended
	s.beatDue = false
	s.mu.Unlock()
	if ended {
		return nil, 0, false
	}
	if beat {
		return s.conn.Beat(), 0, false
	}
	if len(s.topics) == 1 {
		t := s.topics[0]
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.rings[s.form].after(s.cursor, 1<<62)
	}
	return s.merge()
}

// mergeBytes bounds one write of a stream of several topics.
const mergeBytes = 64 << 10

// merge brings the frames of several topics into the one order of the log.
func (s *Sub) merge() (data []byte, last int64, behind bool) {
	upTo := s.h.Announced()
	cursor := s.cursor
	for len(data) < mergeBytes {
		var first []byte
		var id int64
		for _, t := range s.topics {
			t.mu.Lock()
			frame, n, missing := t.rings[s.form].next(cursor, upTo)
			t.mu.Unlock()
			if missing {
				return data, last, data == nil
			}
			if frame != nil && (first == nil || n < id) {
				first, id = frame, n
			}
		}
		if first == nil {
			break
		}
		data, last, cursor = append(data, first...), id, id
	}
	return data, last, false
}

// Limits of one page of history; the page is encoded and written before the next is read.
const pageRows = 500

// fromHistory reads and encodes one page after the cursor.
func (s *Sub) fromHistory() (data []byte, last int64, err error) {
	upTo := s.h.Announced()
	ctx, cancel := context.WithTimeout(s.h.ctx, 30*time.Second)
	defer cancel()
	events, err := s.h.o.History(ctx, s.ids, s.cursor, upTo, pageRows)
	if err != nil || len(events) == 0 {
		return nil, upTo, err
	}
	for _, e := range events {
		data = s.h.o.Encode(s.form, data, e)
	}
	return data, joinedAt(s.h, events[len(events)-1].ID), nil
}

// rest gives busy back when nothing has come meanwhile, and says goodbye when the stream is to end.
func (s *Sub) rest() bool {
	s.mu.Lock()
	if s.ended {
		first := !s.said
		s.said = true
		s.mu.Unlock()
		if first {
			go s.goodbye()
		}
		return true
	}
	if s.again || s.beatDue {
		s.again = false
		s.mu.Unlock()
		return false
	}
	s.busy = false
	s.mu.Unlock()
	return true
}

// goodbye may block, so it has a goroutine of its own. busy is kept: nothing is sent after it.
func (s *Sub) goodbye() {
	s.conn.End(s.reason)
	s.leave()
}

// gone ends a stream whose connection is of no more use, on the goroutine that holds busy.
func (s *Sub) gone(r Reason) {
	s.mu.Lock()
	s.ended, s.said = true, true
	s.mu.Unlock()
	s.conn.Abort()
	s.leave()
}

func (s *Sub) leave() {
	s.h.leave(s)
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
		s.leave()
	case busy:
		s.conn.Hurry()
	default:
		s.pump(false)
	}
}

// Ended reports whether the stream is closed or closing.
func (s *Sub) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Left ends a stream whose peer has gone away; its connection's reader calls it.
func (s *Sub) Left() {
	s.mu.Lock()
	first := !s.ended && s.started
	s.ended, s.said = true, true
	s.mu.Unlock()
	if first {
		s.conn.Abort()
	}
	s.leave()
}

func (s *Sub) abort() {
	s.mu.Lock()
	started := s.started
	s.mu.Unlock()
	if started {
		s.conn.Abort()
	}
	s.leave()
}

// Topics are the ids of the topics the stream reads.
func (s *Sub) Topics() []int64 { return slices.Clone(s.ids) }
