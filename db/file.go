//go:build unix

package db

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func removeIfPresent(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tighten gives a new file mode 0600 and brings it to the disk.
func tighten(path string) error {
	f, err := openPlain(path, os.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	return f.Sync()
}

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
