package daemon

import (
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is the part of the cgroup's limit for the Go heap; the rest is for SQLite's caches and stacks.
const memoryShare = 0.8

// garbageShare is how much garbage may pile up between collections, in percent of what lives. Go's own 100 is meant for larger heaps:
// with the three megabytes that live here it collects dozens of times a second under load, and a history costs a tenth more. Each
// step costs memory after a burst of sign-ins, most of it password hashing: with 200, 300 and 400 it is 84, 103 and 122 MB, and five
// minutes later 15, 16 and 18 MB. `go test ./server/test/bench -run Compare` shows the speed.
const garbageShare = 300

// limitMemory keeps the heap inside the cgroup's limit and sets the collector's pace. GOMEMLIMIT and GOGC override it.
func limitMemory(log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbageShare)
	}
	if _, err := memlimit.Set(memlimit.WithRatio(memoryShare)); err != nil {
		log.Debug("no memory limit", "err", err)
	}
}
