package argon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// TestLanesTakeTurns fills the queue with the passwords of one network. A caller from another one finds room all the same and
// waits for one of them at most, and so does a caller that is known.
func TestLanesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		g := newGate(1)
		if err := g.enter(ctx, ""); err != nil {
			t.Fatal(err)
		}
		var in, busy []string // by name, in their order
		come := func(name, lane string) {
			go func() {
				switch err := g.enter(ctx, lane); {
				case err == nil:
					in = append(in, name)
				case errors.Is(err, ErrBusy):
					busy = append(busy, name)
				}
			}()
			synctest.Wait() // it waits, or has its answer
		}
		for i := range passwordWait + 2 {
			come(fmt.Sprint("guess ", i), "one network")
		}
		come("ann", "another network")
		come("token", "")
		for range 5 {
			g.exit()
			synctest.Wait()
		}
		if want := []string{"token", "guess 0", "ann", "guess 1", "guess 2"}; !slices.Equal(in, want) {
			t.Errorf("let in were %q, want %q", in, want)
		}
		if want := []string{"guess 16", "guess 17", "guess 15"}; !slices.Equal(busy, want) {
			t.Errorf("told to come back were %q, want %q", busy, want)
		}
		leave()
	})
}
