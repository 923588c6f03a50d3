package db

import (
	"errors"
	"io/fs"
	"os"
)

func removeIfPresent(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makePrivate gives a new file mode 0600 and brings it to the disk.
func makePrivate(path string) error {
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
