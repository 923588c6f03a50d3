package daemon

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// How much garbage may pile up between collections, in percent of what lives, and the time between two of them that is
// aimed at. A server that delivers a few hundred messages a second needs next to no room; one that takes tens of thousands
// works a tenth less with much.
const (
	leastGarbage = 25
	mostGarbage  = 400
	betweenAim   = 250 * time.Millisecond
)

// limitMemory keeps the heap inside the cgroup's limit, and paces the collections. Who sets GOGC or GOMEMLIMIT decides
// instead.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		c := &collector{percent: leastGarbage, last: time.Now()}
		debug.SetGCPercent(c.percent)
		c.await()
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if limit := cgroupMemory(os.DirFS("/")); limit > 0 {
		debug.SetMemoryLimit(int64(float64(limit) * memoryShare))
	}
}

// collector gives the heap more room while collections follow each other fast, and takes it back when they do not. Its
// methods run one after the other: the next collection is awaited after the last one was noted.
type collector struct {
	percent int
	last    time.Time
}

// await has collected called after the next collection.
func (c *collector) await() {
	sentinel := new(*collector) // of a type with a pointer: what has none may share its memory with what lives on
	runtime.AddCleanup(sentinel, func(c *collector) {
		c.collected(time.Now())
		c.await()
	}, c)
}

func (c *collector) collected(now time.Time) {
	percent := nextPercent(c.percent, now.Sub(c.last))
	if c.last = now; percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
}

// nextPercent is the room after a collection that came some time after the one before it.
func nextPercent(percent int, since time.Duration) int {
	aim := int64(percent) * int64(betweenAim) / max(int64(since), 1)
	return int(min(max(aim, leastGarbage), mostGarbage))
}
