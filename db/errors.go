package db

import (
	"errors"
	"fmt"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The conditions this package detects. Callers compare with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrTaken    = errors.New("already taken")
	ErrSetUp    = errors.New("an admin exists")
	ErrFull     = errors.New("the disk is full")
	ErrIO       = errors.New("the database cannot be written")
	ErrCorrupt  = errors.New("the database is damaged")
	ErrClosed   = errors.New("the database is closed")
	ErrNewer    = errors.New("the database was written by a newer notifer")
	ErrReused   = errors.New("the idempotency key was used for another message")
	ErrLast     = errors.New("the last admin has to stay")
	ErrLimit    = errors.New("limit reached")
	ErrNested   = errors.New("a change function wrote to the store, which waits for it")
)

// classify turns a driver error into one of the sentinels and keeps its text.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrIO, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case sqlite3.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", constraint(e.Code()), err)
	}
	return err
}

func constraint(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	return errors.New("constraint")
}

// ownFault reports whether only the statement's own waiter failed, so that the batch may go on.
func ownFault(err error) bool {
	var e *sqlite.Error
	return !errors.As(err, &e) || e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
