package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Restore replaces the store of a data directory by a copy that Backup made, or by a store with the WAL beside it, after
// checking the copy from end to end. It refuses with ErrRunning while a server runs, and with ErrInUse while another program has the
// store open. The replaced store stays beside the new one; its path is returned, "" when there was none. A crash half way leaves either
// the old store or the new one in place.
func Restore(ctx context.Context, dir, from string) (kept string, err error) {
	_, absent := os.Stat(dir)
	lock, err := LockDir(dir)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil && errors.Is(absent, fs.ErrNotExist) { // then it was made for the lock
			_ = os.Remove(filepath.Join(dir, LockName))
			_ = os.Remove(dir)
		}
		err = errors.Join(err, lock.Close())
	}()
	made := besides(from)
	defer func() { dropBesides(made) }()
	switch err := CheckFile(ctx, from); {
	case errors.Is(err, ErrCorrupt):
		return "", &RefusedCopy{from, fmt.Errorf("choose a backup that is whole: %w", err)}
	case err != nil:
		return "", &RefusedCopy{from, err}
	}
	return replaceBy(ctx, dir, from)
}

// besides are the files that SQLite makes beside a database in WAL mode, such as a replaced store, while it reads it, as far as there are
// none yet: who only reads it cannot remove them.
func besides(from string) []string {
	var absent []string
	for _, end := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(from + end); errors.Is(err, fs.ErrNotExist) {
			absent = append(absent, from+end)
		}
	}
	return absent
}

// dropBesides removes these files unless a WAL has something in it: then another program has written to the database since.
func dropBesides(made []string) {
	for _, path := range made {
		if strings.HasSuffix(path, "-wal") && sizeOf(path) > 0 {
			return
		}
		_ = os.Remove(path) // what stays does no harm
	}
}

// RefusedCopy says why a copy is not restored.
type RefusedCopy struct {
	Path string
	Err  error
}

func (e *RefusedCopy) Error() string { return e.Path + " is not restored: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *RefusedCopy) Unwrap() error { return e.Err }

// replaceBy is Restore without its checks, and without the lock.
func replaceBy(ctx context.Context, dir, from string) (kept string, err error) {
	path := filepath.Join(dir, FileName)
	part := path + ".restoring"
	if err := makeEmpty(part); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	defer removeCopy(part)
	// Not a copy of the file: of a snapshot of the disk, what came last is in a WAL beside it.
	if err := vacuumInto(ctx, fileDSN(from, "mode=ro&_pragma=busy_timeout(5000)"), part); err != nil {
		return "", fmt.Errorf("restore: %w", classify(err))
	}
	kept = path + ".replaced-" + time.Now().UTC().Format("20060102T150405.000Z")
	if kept, err = setAside(ctx, path, kept); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	return kept, publishFile(part, path)
}

// setAside keeps the old store under another name without taking it away from its own, so that no moment is without a store.
func setAside(ctx context.Context, path, kept string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err := fold(ctx, path); err != nil {
		return "", err
	}
	// A WAL that could not be folded belongs to the damaged store; beside the new one it would be played into it.
	if err := moveIfPresent(path+"-wal", kept+"-wal"); err != nil {
		return "", err
	}
	if err := removeIfPresent(path + "-shm"); err != nil {
		return "", err
	}
	if err := os.Link(path, kept); err == nil {
		return kept, nil
	}
	return kept, os.Rename(path, kept)
}

// ErrInUse says that another program has the database open. It would go on with the files that are set aside, and Litestream would mix
// both databases in its replica.
var ErrInUse = errors.New("another program, such as Litestream, has the database open")

// fold moves the WAL into the database file, as far as the damaged or sound store lets it. It fails only with ErrInUse.
func fold(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite", fileDSN(path, "mode=rw&_pragma=busy_timeout(1000)&_pragma=locking_mode(exclusive)"))
	if err != nil {
		return nil
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_BUSY {
		return ErrInUse
	}
	return nil
}

func moveIfPresent(from, to string) error {
	if err := os.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
