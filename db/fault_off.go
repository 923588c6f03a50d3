//go:build !faulttest

package db

// synchronous is SQLite's setting on the writing connection: FULL makes a commit survive a power cut.
const synchronous = "FULL"

// The faults that a build with the tag faulttest can be told to have, to prove that the harnesses of server/promise catch
// them. They are constants here, so that the released program does not contain them.
const (
	answerFirst   = false // publishers are answered before the commit
	announceFirst = false // subscribers are told before the commit
	forgetHighest = false // ids start again below deleted ones
)
