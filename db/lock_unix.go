//go:build linux || darwin || freebsd

package db

import (
	"os"
	"syscall"
)

const errHeld = syscall.EWOULDBLOCK

func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// awaitFile waits until no other process holds the file, or directory, locked.
func awaitFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }

// unlockFile frees a lock before its file is closed.
func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
