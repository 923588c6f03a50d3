package db

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// asRanges are the file systems that take flock for a lock of all bytes of the file, which SQLite's own locks on it would run into.
var asRanges = []int64{unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC}

// flockIsApart reports whether flock and the POSIX locks of SQLite on a file have nothing to do with each other.
func flockIsApart(f *os.File) bool {
	var s unix.Statfs_t
	return unix.Fstatfs(int(f.Fd()), &s) == nil && !slices.Contains(asRanges, int64(uint32(s.Type)))
}
