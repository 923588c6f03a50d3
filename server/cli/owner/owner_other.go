//go:build !linux

package owner

import (
	"errors"
	"os"
)

// fileOwner treats every file as root's own, so that nothing is refused.
func fileOwner(os.FileInfo) (uid, gid int) { return 0, 0 }

func become(int, int) (func() error, error) { return nil, errors.ErrUnsupported }
