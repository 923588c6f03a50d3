package hub

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// checkers is the number of streams rechecked in parallel; each recheck may read the store.
const checkers = 2

// Recheck holds the streams that depend on any of some keys, and asks each once whether it may go on. It returns at once; a held
// stream sends nothing until it has been asked.
func (h *Hub) Recheck(keys ...string) {
	found := map[*Sub]struct{}{}
	h.mu.Lock()
	for _, key := range keys {
		for s := range h.depend[key] {
			found[s] = struct{}{}
		}
	}
	h.mu.Unlock()
	h.checks.add(slices.Collect(maps.Keys(found)))
}

// RecheckAll is Recheck for every stream.
func (h *Hub) RecheckAll() {
	var list []*Sub
	h.Each(func(s *Sub) { list = append(list, s) })
	h.checks.add(list)
}

// checks are the streams that are held until they have been asked.
type checks struct {
	wake chan struct{}

	// guarded by mu
	mu   sync.Mutex
	subs []*Sub
}

func (c *checks) add(list []*Sub) {
	if len(list) == 0 {
		return
	}
	for _, s := range list {
		s.hold()
	}
	c.mu.Lock()
	c.subs = append(c.subs, list...)
	c.mu.Unlock()
	c.notify()
}

func (c *checks) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// next takes one stream, and wakes another checker when there is more.
func (c *checks) next() *Sub {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.subs) == 0 {
		c.subs = nil
		return nil
	}
	s := c.subs[0]
	if c.subs = c.subs[1:]; len(c.subs) > 0 {
		c.notify()
	}
	return s
}

func (c *checks) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		for s := c.next(); s != nil; s = c.next() {
			s.checkHeld()
		}
	}
}

func (s *Sub) checkHeld() {
	defer s.recoverPanic()
	_ = s.Check()
}

// ErrUndecided, from Recheck, means that it could not be decided whether the stream may go on. The stream ends as one whose
// history cannot be read, and its client may come back.
var ErrUndecided = errors.New("the rights cannot be read")

// ErrReopen, from Recheck, means that the stream may go on, but in other encodings: it ends without a word, and its client opens it again.
var ErrReopen = errors.New("the stream has to be opened again")

// Check asks Recheck, closes the stream when it may not go on, and asks again when its time is over.
func (s *Sub) Check() error {
	if s.Recheck == nil {
		return nil
	}
	s.mu.Lock()
	s.asked++
	mine := s.asked
	s.mu.Unlock()
	until, err := s.Recheck()
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

// hold stops the stream from sending until Check has been called once more. It does not block.
func (s *Sub) hold() {
	if s.Recheck == nil {
		return
	}
	s.mu.Lock()
	s.asked++ // an answer on its way was asked for too early
	s.held = true
	s.mu.Unlock()
}
