package daemon

import (
	"testing"
	"time"
)

// TestNextPercent: collections that follow each other fast get room, at once; rare ones lose it.
func TestNextPercent(t *testing.T) {
	for _, c := range []struct {
		percent int
		since   time.Duration
		want    int
	}{
		{25, time.Hour, 25},
		{25, time.Second, 25},
		{25, 5 * time.Millisecond, 400},
		{25, 125 * time.Millisecond, 50},
		{100, betweenAim, 100},
		{400, time.Millisecond, 400},
		{400, 0, 400},
		{400, -time.Second, 400},
		{400, time.Second, 100},
		{400, time.Minute, 25},
	} {
		if got := nextPercent(c.percent, c.since); got != c.want {
			t.Errorf("nextPercent(%d, %v) = %d, want %d", c.percent, c.since, got, c.want)
		}
	}
}
