package config_test

import (
	"testing"
	"time"

	"notifer/server/config"
)

// TestDurationText: a duration is written as a person would, and read as it is written.
func TestDurationText(t *testing.T) {
	const day = 24 * time.Hour
	for at, want := range map[time.Duration]string{
		0: "", 90 * time.Second: "1m30s", time.Hour: "1h", day: "24h", 36 * time.Hour: "36h", 2 * day: "2d", 30 * day: "30d", 30*day + time.Hour: "721h",
		30*day + time.Second: "720h0m1s",
	} {
		d, read := config.Duration(at), config.Duration(-1)
		if err := read.UnmarshalText([]byte(d.String())); d.String() != want || err != nil || read != d {
			t.Errorf("%v is written as %q and read as %v, %v; want %q", at, d, time.Duration(read), err, want)
		}
	}
}
