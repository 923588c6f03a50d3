package auth

import (
	"sync"
	"sync/atomic"
	"time"
)

// clock is the time by which credentials end: the wall clock, as far as it can be trusted. One that is set forward ends what
// has expired by then; one that is set back revives nothing, since it never goes behind the time that has passed since the start,
// and since what was once found to have ended stays ended.
type clock struct {
	// immutable after newClock
	wall    func() time.Time
	running func() time.Duration // since began, unaffected by steps of the wall clock
	began   time.Time

	count atomic.Int64 // of ended, so that nothing is locked while there is none

	// guarded by mu
	mu    sync.RWMutex
	ended map[string]time.Time // the latest end that was found to be over, by the name of what ended
}

func newClock(wall func() time.Time) *clock {
	start := time.Now()
	return &clock{wall: wall, began: wall().Round(0), running: func() time.Duration { return time.Since(start) }, ended: map[string]time.Time{}}
}

// now is the current time without a monotonic reading: two times that carry one compare by it, and a step of the wall clock
// would go unnoticed.
func (c *clock) now() time.Time {
	now, least := c.wall().Round(0), c.least()
	if now.Before(least) {
		return least
	}
	return now
}

func (c *clock) least() time.Time { return c.began.Add(c.running()) }

// over reports whether an end has come, now or at an earlier question about the same name; the zero time never comes. A later
// end under the same name is a new one.
func (c *clock) over(name string, end time.Time) bool {
	if end.IsZero() {
		return false
	}
	if !c.now().Before(end) {
		c.note(name, end)
		return true
	}
	if c.count.Load() == 0 {
		return false
	}
	c.mu.RLock()
	last, there := c.ended[name]
	c.mu.RUnlock()
	return there && !end.After(last)
}

// maxEnded bounds the memory of ends; beyond it those are forgotten that have come by the time since the start too.
const maxEnded = 10_000

func (c *clock) note(name string, end time.Time) {
	c.mu.RLock()
	last, there := c.ended[name]
	c.mu.RUnlock()
	least := c.least()
	if there && !end.After(last) || !least.Before(end) {
		return // known, or over however the wall clock is set
	}
	c.mu.Lock()
	if len(c.ended) >= maxEnded {
		for k, t := range c.ended {
			if !least.Before(t) {
				delete(c.ended, k)
			}
		}
	}
	c.ended[name] = end
	c.count.Store(int64(len(c.ended)))
	c.mu.Unlock()
}
