package server_test

import (
	"os"
	"runtime/debug"
	"testing"

	"notifer/server/test/run"
)

// TestMain lets tests that wait overlap, and the collector run seldom: the tests make much garbage and keep little.
func TestMain(m *testing.M) {
	run.Abreast(4)
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
