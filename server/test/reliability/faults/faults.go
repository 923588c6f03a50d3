// Package faults is what the product is broken with, to prove that the harnesses of the reliability suite notice, and to make
// rare moments frequent. No product source mentions it: the suite builds a second binary, with calls of these functions written
// into the sources by an overlay (see reliability.Overlay). Environment variables decide which fault that binary has.
package faults

import (
	"database/sql"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"
)

// Variables of the environment that the faulty binary reads.
const (
	Names = "NOTIFER_FAULT"       // a comma list of faults
	Shift = "NOTIFER_FAULT_CLOCK" // a file with a duration that is added to the wall clock while the server runs
	Haste = "NOTIFER_FAULT_HURRY" // divides the pauses of the workers
	Quiet = "NOTIFER_FAULT_QUIET" // how long nothing is purged after the start and after a jump of the clock
	Panic = "NOTIFER_FAULT_PANIC" // a file with the name of the worker that is to panic once
)

// The faults.
const (
	Normal        = "normal"         // commits are not synced to the disk
	AnswerFirst   = "answer-first"   // publishers are answered before the commit
	AnnounceFirst = "announce-first" // subscribers are told before the commit
	ForgetHighest = "forget-highest" // ids start again below deleted ones
	NoCursor      = "no-cursor"      // a replay joins the live messages without a cursor
	HoldRead      = "hold-read"      // a read transaction stays open after a page of history
	SlowMigration = "migration"      // there is one migration more, and it takes long
)

// On reports whether the process has this fault.
func On(name string) bool {
	return slices.Contains(strings.Split(os.Getenv(Names), ","), name)
}

// Synchronous is SQLite's setting on the writing connection.
func Synchronous() string {
	if On(Normal) {
		return "NORMAL"
	}
	return "FULL"
}

// HighestID is the name of the setting that keeps the highest id given.
func HighestID() string {
	if On(ForgetHighest) {
		return "forgotten"
	}
	return "highest_id"
}

// Joined is the cursor of a stream after a page of history.
func Joined(announced func() int64, last int64) int64 {
	if On(NoCursor) {
		return announced()
	}
	return last
}

var held atomic.Bool

// Hold keeps one read transaction open for half a minute.
func Hold(read *sql.DB) {
	if !On(HoldRead) || !held.CompareAndSwap(false, true) {
		return
	}
	tx, err := read.Begin()
	if err != nil {
		return
	}
	var n int
	_ = tx.QueryRow("select count(*) from topic").Scan(&n)
	time.AfterFunc(30*time.Second, func() {
		_ = tx.Rollback()
		held.Store(false)
	})
}

// Files is a file system with the methods that the product uses of its embedded one.
type Files struct{ fs.FS }

// ReadFile reads one file.
func (f Files) ReadFile(name string) ([]byte, error) { return fs.ReadFile(f.FS, name) }

// ReadDir lists one directory.
func (f Files) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) }

// Migrations adds one slow migration to the real ones.
func Migrations(real fs.FS) Files {
	if !On(SlowMigration) {
		return Files{real}
	}
	all := fstest.MapFS{"migrations/9999_fault.sql": {Data: []byte(slowMigration)}}
	names, _ := fs.Glob(real, "migrations/*.sql")
	for _, name := range names {
		text, _ := fs.ReadFile(real, name)
		all[name] = &fstest.MapFile{Data: text}
	}
	return Files{all}
}

const slowMigration = `
create table fault_row (
  id integer primary key,
  text blob not null
) strict;
with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000)
insert into fault_row
select i, randomblob(100) from n;
update message set title = title;
`

// Clock is the wall clock moved by what the file named by Shift says; without one, the usual clock.
func Clock(usual func() time.Time) func() time.Time {
	file := os.Getenv(Shift)
	if file == "" {
		return usual
	}
	var shift, next atomic.Int64
	start := time.Now()
	return func() time.Time {
		if at := next.Load(); int64(time.Since(start)) >= at && next.CompareAndSwap(at, int64(time.Since(start)+10*time.Millisecond)) {
			text, _ := os.ReadFile(file)
			if d, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
				shift.Store(int64(d))
			}
		}
		return time.Now().Round(0).Add(time.Duration(shift.Load()))
	}
}

// Hurry is the pause of a worker.
func Hurry(d time.Duration) time.Duration {
	if n, err := strconv.Atoi(os.Getenv(Haste)); err == nil && n > 0 {
		return d / time.Duration(n)
	}
	return d
}

// Doubt is how long the clock is not trusted with deleting; usual is the released program's time.
func Doubt(usual time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(Quiet)); err == nil {
		return d
	}
	return usual
}

// Trip panics once in the worker that the file named by Panic names, and removes the file.
func Trip(worker string) {
	file := os.Getenv(Panic)
	if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == worker {
		os.Remove(file)
		panic("injected into " + worker)
	}
}
