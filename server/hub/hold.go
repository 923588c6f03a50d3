package hub

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// checkers is the number of held streams that are checked in parallel; each check may read the store.
const checkers = 2

// HoldDependents holds the streams that depend on any of some keys, and asks each once whether it may go on. It returns at once; a held
// stream sends nothing until it has been asked.
func (h *Hub) HoldDependents(keys ...string) {
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

// HoldAll is HoldDependents for every stream.
func (h *Hub) HoldAll() {
	var list []*Sub
	h.each(func(s *Sub) { list = append(list, s) })
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
