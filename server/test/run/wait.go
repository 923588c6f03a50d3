package run

import (
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for something that must happen. A broken program costs that long once; a slow or busy
// machine costs nothing.
const Patience = 90 * time.Second

// Await asks claim every few milliseconds until it is true or the time is over.
func Await(d time.Duration, claim func() bool) error {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !claim() {
		select {
		case <-deadline.C:
			return errors.New("not within " + d.String())
		case <-tick.C:
		}
	}
	return nil
}

// Until waits until claim is true, and fails the test when that takes longer than Patience.
func Until(t testing.TB, what string, claim func() bool) {
	t.Helper()
	if err := Await(Patience, claim); err != nil {
		t.Fatalf("%v: %s", err, what)
	}
}

// quiet is how long the work of Slowness takes on the machine for which times are written: two cores, nothing else to do.
const quiet = 12 * time.Millisecond

// Slowness says how many times slower than that machine this one is now, at least 1. It does a fixed work on two cores, so it sees
// a slow processor, a missing core and the load of other programs.
func Slowness() float64 {
	began := time.Now()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			block := make([]byte, 4<<20)
			for range 4 {
				sha256.Sum256(block)
			}
		})
	}
	both.Wait()
	return max(1, float64(time.Since(began))/float64(quiet))
}

// Scale is a time in which something has to be done on the machine of Slowness, for the one at hand as it is now.
func Scale(t testing.TB, d time.Duration) time.Duration {
	t.Helper()
	factor := Slowness()
	if factor > 1.5 {
		t.Logf("the machine is %.1f times slower than the times are made for", factor)
	}
	return time.Duration(float64(d) * factor)
}
