package daemon

import (
	"log/slog"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is the part of the cgroup's limit for the Go heap; the rest is for SQLite's caches and stacks.
const memoryShare = 0.8

// limitMemory keeps the heap inside the cgroup's limit. GOMEMLIMIT overrides it. The collector's pace is Go's own (GOGC=100).
func limitMemory(log *slog.Logger) {
	if _, err := memlimit.Set(memlimit.WithRatio(memoryShare)); err != nil {
		log.Debug("no memory limit", "err", err)
	}
}
