package shape_test

import (
	"runtime"
	"syscall"
	"time"
)

// processor is the time that a function keeps the processor busy: the clock on the wall also counts what other programs do.
func processor(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thread = 1 // RUSAGE_THREAD
	var before, after syscall.Rusage
	_ = syscall.Getrusage(thread, &before)
	f()
	_ = syscall.Getrusage(thread, &after)
	return time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}
