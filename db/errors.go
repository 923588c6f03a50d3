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
	ErrTaken    = errors.New("already taken") // a name or an email address, by another row
	ErrEnded    = errors.New("the secret has ended")
	ErrSetUp    = errors.New("an admin exists")
	ErrFull     = errors.New("the disk is full")                       // or nearly: nothing was stored, and what frees space still works
	ErrIO       = errors.New("the database cannot be read or written") // nothing was stored; the store tries again by itself
	ErrCorrupt  = errors.New("the database is damaged")
	ErrClosed   = errors.New("the database is closed")
	ErrNewer    = errors.New("the database was written by a newer notifer")
	ErrReused   = errors.New("the idempotency key was used for another message")
	ErrLast     = errors.New("the last admin has to stay")
	ErrLimit    = errors.New("limit reached") // that the caller has passed
	ErrNested   = errors.New("a change function wrote to the store, which waits for it")
)

var errConstraint = errors.New("constraint")

// classify turns a driver error into one of the sentinels and keeps its text. An error that has been classified stays as it is.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	if kind := kindOf(e.Code()); kind != nil && !errors.Is(err, kind) {
		if e.Code()&0xff == sqlite3.SQLITE_NOTADB {
			err = notADatabase{err}
		}
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

// kindOf returns the sentinel of a SQLite result code, nil for a code that has none.
func kindOf(code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrIO
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	case sqlite3.SQLITE_CONSTRAINT:
		return constraint(code)
	}
	return nil
}

// notADatabase says in plain words that a file is something else, or was overwritten from its beginning.
type notADatabase struct{ error }

func (notADatabase) Error() string   { return "the file does not begin as a SQLite database does" }
func (e notADatabase) Unwrap() error { return e.error }

func constraint(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	return errConstraint
}

// ownFault reports whether only the statement's own waiter failed, so that the batch may go on.
func ownFault(err error) bool {
	var e *sqlite.Error
	return !errors.As(err, &e) || e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
