package expiry_test

import (
	"testing"
	"time"

	"notifer/server/auth/expiry"
)

// TestWallClockIsSet: a wall clock that is set forward ends what has expired by then, and setting it back revives nothing.
func TestWallClockIsSet(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	wall := start
	c := expiry.New(func() time.Time { return wall })
	end := start.Add(time.Hour)
	for _, step := range []struct {
		wall time.Time
		name string
		want bool
	}{
		{start, "token", false},
		{start.AddDate(0, 0, 1), "token", true},
		{start, "token", true},  // set back: what was found to be over stays over
		{start, "other", false}, // and what was not asked about then is not
		{start.AddDate(-50, 0, 0), "other", false},
	} {
		wall = step.wall
		if got := c.Passed(step.name, end); got != step.want {
			t.Errorf("at %s, Passed(%s) = %v, want %v", wall, step.name, got, step.want)
		}
	}
	if now := c.Now(); now.Before(start) {
		t.Errorf("Now = %s, before the start", now)
	}
	if c.Passed("token", end.Add(time.Hour)) {
		t.Error("a later end of the same name has passed")
	}
	if c.Passed("never", time.Time{}) {
		t.Error("the zero time has passed")
	}
}
