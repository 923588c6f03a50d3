package db

import (
	"os"
	"syscall"
)

const keepSize = 1 // FALLOC_FL_KEEP_SIZE, fallocate(2)

// allocate gives a file blocks up to a size, without changing the file's length.
func allocate(f *os.File, size int64) error {
	return syscall.Fallocate(int(f.Fd()), keepSize, 0, size)
}

// extentOf is zero for a file that cannot be examined.
func extentOf(path string) extent {
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		return extent{}
	}
	return extent{size: s.Size, blocks: s.Blocks}
}
