package db_test

import (
	"os"
	"testing"

	"notifer/db/dbtest"
	"notifer/server/test/run"
)

// TestMain lets tests overlap: they wait for the disk, and some for what SQLite or the store does after seconds.
func TestMain(m *testing.M) {
	run.Abreast(5)
	dbtest.OnDisk = true
	os.Exit(m.Run())
}
