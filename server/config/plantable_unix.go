//go:build unix

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// plantable says why another user could have written a file of the current directory; nil if none could, for an absolute path, and unless
// the caller is root. Root must not read such a file: it names the data directory, in which root creates files.
func plantable(path string) error {
	if os.Geteuid() != 0 || filepath.IsAbs(path) {
		return nil
	}
	for _, name := range []string{path, filepath.Dir(path)} {
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid != 0 {
			return fmt.Errorf("root is asking, and %s belongs to user %d", name, s.Uid)
		}
		if info.Mode()&os.ModeSymlink != 0 || info.Mode().Perm()&0o022 != 0 {
			return fmt.Errorf("root is asking, and other users may write to %s", name)
		}
	}
	return nil
}
