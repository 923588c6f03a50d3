//go:build unix

package db

import (
	"os"
	"syscall"
)

// ownLikeDir gives a file made by root the owner of the data directory, so that a command run with sudo does not
// lock the server out of its own files.
func ownLikeDir(dir string, f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid != 0 {
		return f.Chown(int(s.Uid), int(s.Gid))
	}
	return nil
}
