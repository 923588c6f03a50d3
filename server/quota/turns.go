package quota

import (
	"context"
	"sync"
)

// Turns lets each caller do one thing at a time, and bounds how many run in all. It is for searches, which read many megabytes for one
// small answer. Its methods may be called from any goroutine.
type Turns struct {
	running chan struct{} // a place for each search that runs

	mu sync.Mutex
	by map[string]*turn
}

// turn is one caller's slot; sending to taken acquires it.
type turn struct {
	taken chan struct{}
	users int // waiting or searching; guarded by Turns.mu
}

// NewTurns makes turns of which at most running run at a time.
func NewTurns(running int) *Turns {
	return &Turns{running: make(chan struct{}, running), by: map[string]*turn{}}
}

// Wait returns once it is the turn of a caller; Leave ends that. It fails with the context's error, and then there is nothing to leave.
func (t *Turns) Wait(ctx context.Context, key string) error {
	t.mu.Lock()
	mine := t.by[key]
	if mine == nil {
		mine = &turn{taken: make(chan struct{}, 1)}
		t.by[key] = mine
	}
	mine.users++
	t.mu.Unlock()
	select {
	case mine.taken <- struct{}{}:
	case <-ctx.Done():
		t.drop(key, mine)
		return ctx.Err()
	}
	select {
	case t.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-mine.taken
		t.drop(key, mine)
		return ctx.Err()
	}
}

// Leave ends the caller's turn.
func (t *Turns) Leave(key string) {
	<-t.running
	t.mu.Lock()
	mine := t.by[key]
	t.mu.Unlock()
	<-mine.taken
	t.drop(key, mine)
}

func (t *Turns) drop(key string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(t.by, key)
	}
}
