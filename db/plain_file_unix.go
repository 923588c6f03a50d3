//go:build unix

package db

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ErrUnsafe says that other users could plant or replace files of the store.
var ErrUnsafe = errors.New("the data directory is not safe")

// openPlain opens a file of the data directory. It follows no symbolic link, and root opens only its own files: another user could have
// made the name in their directory lead anywhere.
func openPlain(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%w: %s is a symbolic link: move the whole directory and set data_dir instead", ErrUnsafe, path)
	}
	if err != nil {
		return nil, err
	}
	if err := plain(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func plain(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a file", ErrUnsafe, f.Name())
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 && s.Uid != 0 {
		return fmt.Errorf("%w: %s belongs to user %d, and root is asking", ErrUnsafe, f.Name(), s.Uid)
	}
	return nil
}

// makeDir makes the data directory, and refuses one that is writable by all. The group loses that right, which an umask of
// 002 gives it.
func makeDir(dir string) error {
	if err := MakeDir(dir); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	if mode&0o022 == 0o020 && os.Chmod(dir, mode&^0o020) == nil {
		return nil
	}
	if mode&0o022 != 0 {
		return fmt.Errorf("%w: other users may write to %s (mode %04o); run: chmod go-w %s", ErrUnsafe, dir, mode, dir)
	}
	return nil
}

// MakeDir is os.MkdirAll for a directory of the owner alone. Where a link leads to nothing, the error says so.
func MakeDir(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return cmp.Or(DeadLink(e.Path), err)
	}
	return err
}

// DeadLink returns an error that says where a symbolic link leads if nothing is there, and nil for any other path.
func DeadLink(path string) error {
	to, err := os.Readlink(path)
	if _, absent := os.Stat(path); err != nil || !errors.Is(absent, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s is a link to %s, which does not exist: make that directory or remove the link", path, to)
}
