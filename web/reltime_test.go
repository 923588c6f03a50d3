package web

import (
	"testing"
	"time"
)

// TestDaysAgoAreThoseOfTheCalendar: a message under the heading "Yesterday" is not two days old.
func TestDaysAgoAreThoseOfTheCalendar(t *testing.T) {
	zone := time.FixedZone("here", 2*3600)
	now := time.Date(2026, 11, 28, 20, 30, 0, 0, zone)
	ctx := With(t.Context(), Env{Now: now, Zone: zone})
	for ago, want := range map[time.Duration]string{
		23 * time.Hour:                "23 hours ago",
		24 * time.Hour:                "1 day ago",
		44*time.Hour + 29*time.Minute: "1 day ago",
		45 * time.Hour:                "2 days ago",
		10 * 24 * time.Hour:           "10 days ago",
	} {
		if got := Ago(ctx, now.Add(-ago).UTC()); got != want {
			t.Errorf("%v before half past eight in the evening: %q, want %q", ago, got, want)
		}
	}
}
