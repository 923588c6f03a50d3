package request

import (
	"context"
	"sync"
	"time"
)

// searchWait is how long a caller's search waits for the one before it.
const searchWait = 5 * time.Second

// turns lets each caller have one search at a time, and few run at all: a search reads many megabytes for one small answer.
type turns struct {
	running chan struct{} // a place for each search that runs

	mu sync.Mutex
	by map[string]*turn
}

// turn is a caller's: whoever has sent to taken has it.
type turn struct {
	taken chan struct{}
	users int // waiting or searching; guarded by turns.mu
}

func newTurns(running int) *turns {
	return &turns{running: make(chan struct{}, running), by: map[string]*turn{}}
}

// wait returns once it is the caller's turn; leave ends that.
func (t *turns) wait(ctx context.Context, key string) error {
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

func (t *turns) leave(key string) {
	<-t.running
	t.mu.Lock()
	mine := t.by[key]
	t.mu.Unlock()
	<-mine.taken
	t.drop(key, mine)
}

func (t *turns) drop(key string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(t.by, key)
	}
}

// BeginSearch waits for the caller's turn to search; EndPage, or the end of the call, ends it.
func (c *Call) BeginSearch() error {
	key, _ := c.payer()
	ctx, cancel := context.WithTimeout(c.R.Context(), searchWait)
	defer cancel()
	if err := c.Site.searches.wait(ctx, key); err != nil {
		if c.R.Context().Err() != nil {
			return err
		}
		return TooMany(2*time.Second, "one search at a time: wait for the one before this")
	}
	c.searching = true
	return nil
}
