//go:build faulttest

package cli

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// wallClock is a clock that the file named by NOTIFER_FAULT_CLOCK shifts while the server runs; it holds a duration.
func wallClock() func() time.Time {
	file := os.Getenv("NOTIFER_FAULT_CLOCK")
	if file == "" {
		return time.Now
	}
	var shift, next atomic.Int64
	start := time.Now()
	return func() time.Time {
		if at := next.Load(); int64(time.Since(start)) >= at && next.CompareAndSwap(at, int64(time.Since(start)+10*time.Millisecond)) {
			text, _ := os.ReadFile(file)
			if d, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
				shift.Store(int64(d))
			}
		}
		return time.Now().Round(0).Add(time.Duration(shift.Load()))
	}
}

// pace divides the pauses of the workers by NOTIFER_FAULT_HURRY.
func pace(d time.Duration) time.Duration {
	if n, err := strconv.Atoi(os.Getenv("NOTIFER_FAULT_HURRY")); err == nil && n > 0 {
		return d / time.Duration(n)
	}
	return d
}

// doubt is what NOTIFER_FAULT_QUIET says, else the time of the released program.
func doubt() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("NOTIFER_FAULT_QUIET")); err == nil {
		return d
	}
	return jumpQuiet
}

// trip panics once when NOTIFER_FAULT_PANIC names a file with the worker's name in it; the file is removed.
func trip(worker string) {
	file := os.Getenv("NOTIFER_FAULT_PANIC")
	if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == worker {
		os.Remove(file)
		panic("injected into " + worker)
	}
}
