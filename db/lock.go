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
var ErrRunning = errors.New("another notifer server is using the data directory")

// Lock keeps a second server off a data directory. The system frees it when the process ends, however it ends. A store that its holder
// opens is locked too: its lock file can be removed by hand, and then a second server would lock a new one.
type Lock struct {
	file *os.File
	made bool // a store was made in this directory once
}

// LockDir takes the lock of a data directory, making the directory when it is absent. It fails at once with ErrRunning, and names the process, when a
// server holds the lock.
func LockDir(dir string) (*Lock, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	f, err := openPlain(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := lockFile(f); err != nil {
		defer f.Close()
		return nil, heldBy(f, dir, err)
	}
	_, note := readLock(f)
	l := &Lock{file: f, made: note == storeMade}
	l.write()
	return l, nil
}

// storeMade is the second line of the lock file once the directory has held a store.
const storeMade = "store made"

// OpenStore is Open for the holder of the lock. A directory that once held a store and now has none, or an empty file, is
// ErrCorrupt: a fresh store in its place would look as if everything had been deleted.
func (l *Lock) OpenStore(dir string, o Options) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if l.made && sizeOf(path) == 0 && sizeOf(path+"-wal") == 0 {
		return nil, fmt.Errorf("%w: %s is missing or empty, although the directory has held a store; to start with an empty one, remove %s", ErrCorrupt, path, l.file.Name())
	}
	d, err := open(dir, o, true)
	if err == nil && !l.made {
		l.made = true
		l.write()
	}
	return d, err
}

// sizeOf is 0 for an absent file.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Close frees the lock.
func (l *Lock) Close() error { return l.file.Close() }

// write notes who holds the lock, for the message of the one who is refused. A full disk must not stop a server that is
// needed to make room, so a failing write is ignored.
func (l *Lock) write() {
	text := fmt.Sprintln(os.Getpid())
	if l.made {
		text += storeMade + "\n"
	}
	if l.file.Truncate(0) == nil {
		_, _ = l.file.WriteAt([]byte(text), 0)
	}
}

// readLock returns the two lines of a lock file.
func readLock(f *os.File) (pid, note string) {
	text, _ := io.ReadAll(io.LimitReader(f, 64))
	pid, note, _ = strings.Cut(string(text), "\n")
	return strings.TrimSpace(pid), strings.TrimSpace(note)
}

// lockStore takes the lock of the open database itself, for a server. It fails with ErrRunning when another server has it.
func lockStore(file *os.File) error {
	if !flockIsApart(file) {
		return nil
	}
	if err := lockFile(file); errors.Is(err, errHeld) {
		dir := filepath.Dir(file.Name())
		return fmt.Errorf("%w: %s, although its %s was removed", ErrRunning, dir, LockName)
	}
	return nil // a file system without such locks has the lock file only
}

func heldBy(f *os.File, dir string, err error) error {
	if !errors.Is(err, errHeld) {
		return fmt.Errorf("lock data directory: %w", err)
	}
	pid, _ := readLock(f)
	if pid == "" {
		pid = "unknown"
	}
	return fmt.Errorf("%w: %s, process %s", ErrRunning, dir, pid)
}
