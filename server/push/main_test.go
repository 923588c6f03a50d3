package push_test

import (
	"os"
	"testing"

	"notifer/server/test/run"
)

// TestMain lets tests overlap that wait for the next try of a push.
func TestMain(m *testing.M) {
	run.Abreast(4)
	os.Exit(m.Run())
}
