package quota

import (
	"context"
	"testing"
)

// A caller has one search at a time, others go on beside it, and nothing is left of those that gave up.
func TestTurns(t *testing.T) {
	turns := NewTurns(2)
	ctx := context.Background()
	over, cancel := context.WithCancel(ctx)
	cancel()
	for _, key := range []string{"ann", "bob"} {
		if err := turns.Wait(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"ann", "eve"} { // ann searches already, and two searches run
		if err := turns.Wait(over, key); err == nil {
			t.Errorf("a third search of %s began", key)
		}
	}
	second := make(chan error)
	go func() { second <- turns.Wait(ctx, "ann") }()
	turns.Leave("ann")
	if err := <-second; err != nil {
		t.Error(err)
	}
	turns.Leave("ann")
	turns.Leave("bob")
	if len(turns.by) != 0 || len(turns.running) != 0 {
		t.Errorf("%d callers and %d searches are left", len(turns.by), len(turns.running))
	}
}
