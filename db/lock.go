package db

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// LockName is the file in the data directory that a running server holds locked.
const LockName = "notifer.lock"

// ErrRunning says that a server runs on the data directory.
var ErrRunning = errors.New("a notifer server runs on this data directory")

// Lock keeps a second server off a data directory. The system frees it when the process ends, however it ends.
type Lock struct{ file *os.File }

// LockDir takes the lock of a data directory, making the directory when it is absent. It fails at once with ErrRunning, and names the process, when a
// server holds the lock.
func LockDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := lockFile(f); err != nil {
		defer f.Close()
		return nil, heldBy(f, dir, err)
	}
	if err := errors.Join(ownLikeDir(dir, f), writePID(f)); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	return &Lock{f}, nil
}

// Close frees the lock.
func (l *Lock) Close() error { return l.file.Close() }

// writePID notes who holds the lock, for the message of the one who is refused. A full disk must not stop a server that is
// needed to make room, so a failing write is no error.
func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return nil
	}
	f.WriteAt([]byte(fmt.Sprintln(os.Getpid())), 0)
	return nil
}

func heldBy(f *os.File, dir string, err error) error {
	if !errors.Is(err, errHeld) {
		return fmt.Errorf("lock data directory: %w", err)
	}
	text, _ := io.ReadAll(io.LimitReader(f, 20))
	pid := strings.TrimSpace(string(text))
	if pid == "" {
		pid = "unknown"
	}
	return fmt.Errorf("%w: %s, process %s", ErrRunning, dir, pid)
}
