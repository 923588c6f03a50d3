package cli_test

import (
	"os"
	"runtime/debug"
	"testing"

	program "notifer/server/test/run"
)

// TestMain lets tests that wait overlap, and the collector run seldom: commands make much garbage and keep none. Passwords are hashed
// cheaply, as most of these commands need an account; the default figures are tested where they are used.
func TestMain(m *testing.M) {
	os.Setenv("NOTIFER_AUTH_ARGON2_MEMORY", "64")
	os.Setenv("NOTIFER_AUTH_ARGON2_TIME", "1")
	program.Abreast(5)
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
