package reliability_test

import (
	"testing"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestFaultRulesFitTheSources fails as soon as a line that a fault is written into has changed.
func TestFaultRulesFitTheSources(t *testing.T) {
	if _, err := reliability.Overlay(run.Root(t), t.TempDir()); err != nil {
		t.Error(err)
	}
}
