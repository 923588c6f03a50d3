// Package expiry decides whether the time of a credential is over, on machines whose wall clock cannot be trusted: one without a
// battery starts in the past, and one may be set forward and back.
package expiry

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the time by which credentials end: the wall clock, as far as it can be trusted. One that is set forward ends what
// has expired by then; one that is set back revives nothing, since it never goes behind the time that has passed since the start,
// and since what was once found to have ended stays ended.
type Clock struct {
	// immutable after New
	wall    func() time.Time
	running func() time.Duration // since began, unaffected by steps of the wall clock
	began   time.Time

	count atomic.Int64 // of ended, so that nothing is locked while there is none

	// guarded by mu
	mu    sync.RWMutex
	ended map[string]time.Time // the latest end that was found to be over, by the name of what ended
}

// New is a clock that starts now.
func New(wall func() time.Time) *Clock {
	start := time.Now()
	return &Clock{wall: wall, began: wall().Round(0), running: func() time.Duration { return time.Since(start) }, ended: map[string]time.Time{}}
}

// Now is the current time without a monotonic reading: two times that carry one compare by it, and a step of the wall clock
// would go unnoticed.
func (c *Clock) Now() time.Time {
	now, floor := c.wall().Round(0), c.floor()
	if now.Before(floor) {
		return floor
	}
	return now
}

// Running is the time since the start, unaffected by steps of the wall clock.
func (c *Clock) Running() time.Duration { return c.running() }

// floor is the earliest that it can be: the start and the time that has passed since.
func (c *Clock) floor() time.Time { return c.began.Add(c.running()) }

// Passed reports whether an end has come, now or at an earlier question about the same name; the zero time never comes. A later
// end under the same name is a new one.
func (c *Clock) Passed(name string, end time.Time) bool {
	if end.IsZero() {
		return false
	}
	if !c.Now().Before(end) {
		c.noteEnd(name, end)
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

// noteEnd notes an end that has come, so that a wall clock that is set back later does not revive what ended.
func (c *Clock) noteEnd(name string, end time.Time) {
	c.mu.RLock()
	last, there := c.ended[name]
	c.mu.RUnlock()
	floor := c.floor()
	if there && !end.After(last) || !floor.Before(end) {
		return // known, or over however the wall clock is set
	}
	c.mu.Lock()
	if len(c.ended) >= maxEnded {
		for k, t := range c.ended {
			if !floor.Before(t) {
				delete(c.ended, k)
			}
		}
	}
	c.ended[name] = end
	c.count.Store(int64(len(c.ended)))
	c.mu.Unlock()
}
