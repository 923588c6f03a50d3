package daemon

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// When the server is quiet, and how much must have been used before it is worth a collection.
const (
	tidyEvery  = 2 * time.Second
	quietBytes = 256 << 10 // allocated between two looks
	tidyBytes  = 4 << 20   // allocated since the last time
)

// tidy gives memory back to the system once the server has become quiet: after a burst, a sign-in or many new streams the
// heap would else keep its room until the runtime's next collection, two minutes later. An idle server does nothing.
func tidy(ctx context.Context) {
	debug.FreeOSMemory() // what only the start needed
	forgetText()
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	used := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	for before, tidied := uint64(0), uint64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(used)
		now := used[0].Value.Uint64()
		if now-before < quietBytes && now-tidied > tidyBytes {
			debug.FreeOSMemory()
			tidied = now
		}
		before = now
	}
}
