package cli_test

import (
	"os"
	"runtime/debug"
	"testing"

	program "notifer/server/test/run"
)

// TestMain lets tests that wait overlap, and the collector run seldom: commands make much garbage and keep none.
func TestMain(m *testing.M) {
	program.Abreast(5)
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
