//go:build !faulttest

package db

import "io/fs"

// synchronous is SQLite's setting on the writing connection: FULL makes a commit survive a power cut.
const synchronous = "FULL"

// The faults that a build with the tag faulttest can be told to have, to prove that the harnesses of server/test/reliability catch
// them. They are constants here, so that the released program does not contain them.
const (
	answerFirst   = false // publishers are answered before the commit
	announceFirst = false // subscribers are told before the commit
	forgetHighest = false // ids start again below deleted ones
)

// holdRead keeps a read transaction open after a page of history was read.
func (d *DB) holdRead() {}

// migrationFiles are the files of migrations/.
func migrationFiles() fs.FS { return migrations }
