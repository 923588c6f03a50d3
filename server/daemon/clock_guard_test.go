package daemon

import (
	"log/slog"
	"testing"
	"time"
)

func TestClockGuardWaitsAfterTheStartAndAfterJumps(t *testing.T) {
	wall, mono := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), time.Duration(0)
	pass := func(d time.Duration) { wall, mono = wall.Add(d), mono+d }
	c := newClockGuard(func() time.Time { return wall }, func() time.Duration { return mono }, jumpQuiet, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		pass, jump time.Duration
		want       bool
	}{
		{0, 0, false},
		{9 * time.Minute, 0, false},
		{2 * time.Minute, 0, true},
		{time.Minute, 30 * time.Second, true},
		{time.Minute, 24 * time.Hour, false},
		{9 * time.Minute, 0, false},
		{2 * time.Minute, 0, true},
		{time.Minute, -10 * 365 * 24 * time.Hour, false},
		{11 * time.Minute, 0, true},
	} {
		pass(step.pass)
		wall = wall.Add(step.jump)
		if got := c.trusted(); got != step.want {
			t.Errorf("after %v and a jump of %v: trusted = %v, want %v", step.pass, step.jump, got, step.want)
		}
	}
}
