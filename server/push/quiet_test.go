package push

import (
	"testing"
	"time"

	"notifer/db"
)

// TestQuietHoursFollowTheClockOnTheWall: over midnight, and also in nights in which the clocks change.
func TestQuietHoursFollowTheClockOnTheWall(t *testing.T) {
	night := db.Device{QuietFrom: 22*60 + 30, QuietTo: 7 * 60, Zone: "Europe/Berlin"}
	day := db.Device{QuietFrom: 9 * 60, QuietTo: 17 * 60, Zone: "America/New_York"}
	never := db.Device{QuietFrom: 9 * 60, QuietTo: 9 * 60, Zone: "UTC"}
	for _, c := range []struct {
		v    db.Device
		at   string
		want bool
	}{
		{night, "2026-03-28T21:29:00Z", false}, {night, "2026-03-28T21:30:00Z", true}, // 22:30 in winter
		{night, "2026-03-29T04:59:00Z", true}, {night, "2026-03-29T05:00:00Z", false}, // 7:00 in summer, the same night
		{night, "2026-10-24T20:30:00Z", true}, {night, "2026-10-25T00:30:00Z", true}, {night, "2026-10-25T01:30:00Z", true}, // 2:30 comes twice
		{night, "2026-10-25T05:59:00Z", true}, {night, "2026-10-25T06:00:00Z", false},
		{day, "2026-07-01T13:00:00Z", true}, {day, "2026-07-01T21:00:00Z", false}, {day, "2026-01-05T13:59:00Z", false},
		{never, "2026-07-01T09:00:00Z", false},
		{db.Device{QuietFrom: -1, QuietTo: -1}, "2026-07-01T09:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := quiet(c.v, at); got != c.want {
			t.Errorf("quiet(%s to %s in %s, %s) = %v, want %v", time.Duration(c.v.QuietFrom)*time.Minute, time.Duration(c.v.QuietTo)*time.Minute, c.v.Zone, c.at, got, c.want)
		}
	}
}

// TestWhatCameInAMute is not pushed after it either, however the mute has ended.
func TestWhatCameInAMute(t *testing.T) {
	end := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	v := db.Device{QuietFrom: -1, QuietTo: -1, MutedUntil: end}
	for _, c := range []struct {
		came, now time.Duration // from the end of the mute
		priority  int
		want      bool
	}{
		{-time.Minute, -time.Second, 4, false}, {-time.Minute, time.Minute, 4, false}, {-time.Minute, time.Minute, 5, true},
		{0, 0, 4, true}, {time.Second, time.Minute, 1, true}, {time.Minute, -time.Minute, 4, false}, // the clock was set back
	} {
		m := &db.Message{Priority: c.priority, At: end.Add(c.came)}
		if got := wanted(v, db.DeviceTopic{Least: 1}, m, end.Add(c.now)); got != c.want {
			t.Errorf("a message of priority %d that came %s after the end of the mute is wanted %s after it: %v", c.priority, c.came, c.now, got)
		}
	}
}

// TestWhatCameInQuietHours is not pushed after them, when the push service answers again.
func TestWhatCameInQuietHours(t *testing.T) {
	v := db.Device{QuietFrom: 22 * 60, QuietTo: 7 * 60, Zone: "UTC"}
	at := func(clock string) time.Time {
		out, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		came, now string
		priority  int
		want      bool
	}{
		{"2026-07-01T06:59:00Z", "2026-07-01T07:01:00Z", 4, false}, {"2026-07-01T06:59:00Z", "2026-07-01T07:01:00Z", 5, true},
		{"2026-07-01T21:59:00Z", "2026-07-01T22:01:00Z", 4, false}, {"2026-07-01T21:59:00Z", "2026-07-02T07:01:00Z", 4, true},
	} {
		m := &db.Message{Priority: c.priority, At: at(c.came)}
		if got := wanted(v, db.DeviceTopic{Least: 1}, m, at(c.now)); got != c.want {
			t.Errorf("a message of %s with priority %d is wanted at %s: %v", c.came, c.priority, c.now, got)
		}
	}
}
