package daemon

import (
	"log/slog"
	"time"
)

const (
	jumpLimit = time.Minute      // the wall clock and the monotonic clock may disagree by this much between two checks
	jumpQuiet = 10 * time.Minute // how long nothing is purged after they did, and after the start
)

// clockGuard decides whether the wall clock can be trusted with deleting. A board without a battery starts in the past or
// the future and is set right later, so the time after the start counts as doubtful too.
type clockGuard struct {
	wall   func() time.Time
	mono   func() time.Duration
	log    *slog.Logger
	offset int64 // wall minus mono at the last check, in ms
	quiet  time.Duration
	until  time.Duration // mono time before which the clock is in doubt
}

func newClockGuard(wall func() time.Time, mono func() time.Duration, quiet time.Duration, log *slog.Logger) *clockGuard {
	c := &clockGuard{wall: wall, mono: mono, log: log, quiet: quiet}
	c.offset = c.measure()
	c.until = mono() + quiet
	return c
}

func (c *clockGuard) measure() int64 {
	return c.wall().UnixMilli() - c.mono().Milliseconds()
}

// trusted reports whether the clock has not jumped recently. It is to be called by one goroutine.
func (c *clockGuard) trusted() bool {
	now := c.measure()
	jump := time.Duration(now-c.offset) * time.Millisecond
	c.offset = now
	if jump.Abs() > jumpLimit {
		c.until = c.mono() + c.quiet
		c.log.Warn("the clock has jumped: nothing is purged for a while", "by", jump, "for", c.quiet)
	}
	return c.mono() >= c.until
}
