//go:build !linux

package owner

import (
	"errors"
	"os"
)

// fileOwner says that every file is root's own, which is refused nowhere.
func fileOwner(os.FileInfo) (uid, gid int) { return 0, 0 }

func become(int, int) (func() error, error) { return nil, errors.ErrUnsupported }
