package hub

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// notify sends what is new without blocking, and leaves the rest to a goroutine of the stream's own.
func (s *Sub) notify() {
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
	defer s.recoverPanic()
	for {
		data, last, behind := s.next()
		if data == nil && !behind {
			if s.idle() {
				return
			}
			continue
		}
		if behind && !mayBlock {
			go s.pump(true)
			return
		}
		if behind {
			if !s.sendHistory() {
				return
			}
			continue
		}
		if !mayBlock {
			n, err := s.conn.Try(data)
			if err != nil {
				s.fail()
				return
			}
			if n < len(data) {
				go s.finishWrite(data[n:], last)
				return
			}
			s.cursor = max(s.cursor, last)
			continue
		}
		if !s.sendBlocking(data, last) {
			return
		}
	}
}

// recoverPanic ends this stream, and nothing else, when its delivery panics.
func (s *Sub) recoverPanic() {
	if p := recover(); p != nil {
		s.h.panicked(p)
		s.fail()
	}
}

// finishWrite writes the rest of what a worker began.
func (s *Sub) finishWrite(data []byte, last int64) {
	defer s.recoverPanic()
	if s.sendBlocking(data, last) {
		s.pump(true)
	}
}

func (s *Sub) sendBlocking(data []byte, last int64) bool {
	if len(data) > 0 {
		if err := s.conn.Write(data); err != nil {
			s.fail()
			return false
		}
	}
	s.cursor = max(s.cursor, last)
	return true
}

// next is what to send now: a heartbeat that is due, or frames after the cursor. Nothing once the stream has ended or
// is held, which is looked at last: what was announced after that must not be among the frames.
func (s *Sub) next() (data []byte, last int64, behind bool) {
	data, last, behind = s.frames()
	s.mu.Lock()
	beat, stopped := s.beatDue, s.ended || s.held
	s.beatDue = false
	s.mu.Unlock()
	if stopped {
		return nil, 0, false
	}
	if beat {
		return s.conn.Beat(), 0, false
	}
	return data, last, behind
}

func (s *Sub) frames() (data []byte, last int64, behind bool) {
	if len(s.topics) == 1 {
		t := &s.topics[0]
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.buffer.after(s.cursor, 1<<62)
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
			frame, n, missing := t.buffer.next(cursor, upTo)
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
const (
	pageRows  = 500
	pageBytes = 128 << 10 // or one event
)

// pages are the buffers that pages of history are encoded in.
var pages = sync.Pool{New: func() any { return new([]byte) }}

// keptPage is the largest buffer that is kept for other pages: one of a very long message is not.
const keptPage = 2 * pageBytes

// sendHistory sends one page after the cursor.
func (s *Sub) sendHistory() bool {
	room := pages.Get().(*[]byte)
	rest, last, err := s.tryHistory(room)
	if cap(*room) <= keptPage {
		pages.Put(room)
	}
	if err != nil {
		return false
	}
	return s.sendBlocking(rest, last)
}

// tryHistory sends of one page what the connection takes without blocking, and returns a copy of the rest: a stalled reader holds
// no more than that. After an error the connection is of no more use.
func (s *Sub) tryHistory(room *[]byte) (rest []byte, last int64, err error) {
	*room = (*room)[:0]
	if last, err = s.readHistory(room); err != nil {
		s.Close(Failed)
		return nil, 0, nil // pump sends the reason
	}
	if s.stopped() {
		return nil, 0, nil // pump ends the stream, or idles
	}
	n := 0
	if len(*room) > 0 {
		if n, err = s.conn.Try(*room); err != nil {
			s.fail()
			return nil, 0, err
		}
	}
	return bytes.Clone((*room)[n:]), last, nil
}

// readHistory reads and encodes one page after the cursor. last is the id up to which there is no more than that.
func (s *Sub) readHistory(room *[]byte) (last int64, err error) {
	upTo := s.h.Announced()
	ctx, cancel := context.WithTimeout(s.h.ctx, 30*time.Second)
	defer cancel()
	if s.rows == 0 {
		s.rows = pageRows
	}
	n := 0
	if err := s.h.o.History(ctx, s.ids, s.cursor, upTo, s.rows, func(e Event) (more bool) {
		*room = s.encodingOf(e.Topic).Encode(*room, e)
		last = e.ID
		n++
		return len(*room) < pageBytes
	}); err != nil {
		return 0, err
	}
	if n == 0 {
		return upTo, nil
	}
	s.rows = min(2*n, pageRows) // what was read and not sent is read again: a little of it, where messages are large
	return last, nil
}

// encodingOf is how the events of a topic are encoded for the stream.
func (s *Sub) encodingOf(topic int64) *Encoding {
	if s.Encodings == nil {
		return s.encoding
	}
	return s.Encodings[slices.Index(s.ids, topic)]
}

func (s *Sub) encodingAt(i int) *Encoding {
	if s.Encodings == nil {
		return s.encoding
	}
	return s.Encodings[i]
}

// idle gives busy back unless something has come meanwhile, and starts the goodbye when the stream is to end. It reports
// whether the pump may stop.
func (s *Sub) idle() bool {
	s.mu.Lock()
	if s.ended {
		first := !s.said
		s.said = true
		s.mu.Unlock()
		if first {
			go s.sayGoodbye()
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
