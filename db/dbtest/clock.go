package dbtest

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// Clock is time.Now on a machine whose wall clock is set, as NTP or an operator does: the wall reading steps, the monotonic
// one goes on. time.Now().Add moves both, so a program that compares monotonic readings passes tests with it and fails on a
// machine whose clock is set after it has started.
type Clock struct{ ahead atomic.Int64 }

// Set moves the wall clock away from the real one.
func (c *Clock) Set(ahead time.Duration) { c.ahead.Store(int64(ahead)) }

// Now is the current time by the clock.
func (c *Clock) Now() time.Time { return step(time.Now(), time.Duration(c.ahead.Load())) }

// step moves the wall reading of a time that has a monotonic one, in whole seconds. Package time has no way to do that, so it
// adds to the field that holds the seconds since 1885, behind 30 bits of nanoseconds, and proves the result.
func step(t time.Time, by time.Duration) time.Time {
	out, seconds := t, int64(by/time.Second)
	*(*uint64)(unsafe.Pointer(&out)) += uint64(seconds << 30)
	if out.Sub(t) != 0 || out.Round(0).Sub(t.Round(0)) != time.Duration(seconds)*time.Second {
		panic("dbtest: time.Time is laid out in another way now")
	}
	return out
}
