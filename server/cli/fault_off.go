//go:build !faulttest

package cli

import "time"

// wallClock is the clock of the store and everything above it.
func wallClock() func() time.Time { return time.Now }

// pace is a pause of a worker.
func pace(d time.Duration) time.Duration { return d }

// doubt is how long nothing is purged after the start and after a jump of the clock.
func doubt() time.Duration { return jumpQuiet }

// trip is where a build with the tag faulttest panics when told to.
func trip(string) {}
