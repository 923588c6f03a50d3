package daemon

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetText unmaps the program's code, which the system maps again page by page as it runs, out of the file's pages that
// it keeps in memory anyway (madvise(2), MADV_DONTNEED). What only the start ran is not mapped again: it no longer counts
// as ours and is the first to go when memory is short. Only code is touched, since nothing writes to it.
func forgetText() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line) // address range, permissions, offset, device, inode, path
		if len(fields) < 6 || fields[1] != "r-xp" || fields[5][0] != '/' {
			continue
		}
		low, high, _ := strings.Cut(fields[0], "-")
		from, err1 := strconv.ParseUint(low, 16, 64)
		to, err2 := strconv.ParseUint(high, 16, 64)
		if err1 == nil && err2 == nil {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(from), uintptr(to-from), syscall.MADV_DONTNEED)
		}
	}
}
