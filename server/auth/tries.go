package auth

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// An account whose password was guessed at so often takes this much time for each further try, from wherever it comes. That is
// no queue: a right password is as quick as a wrong one, so nobody is locked out.
const (
	triesBurst  = 250
	triesRefill = time.Minute
	triesPause  = 2 * time.Second
	triesKept   = 10_000
)

// tries counts wrong passwords by account, whether it exists or not.
type tries struct {
	mu   sync.Mutex
	list map[string]*accountTries
}

type accountTries struct{ limiter *rate.Limiter }

func (t *tries) of(name string) *accountTries {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.list[name]; a != nil {
		return a
	}
	if len(t.list) >= triesKept {
		t.sweep()
	}
	if t.list == nil {
		t.list = map[string]*accountTries{}
	}
	a := &accountTries{rate.NewLimiter(rate.Every(triesRefill), triesBurst)}
	t.list[name] = a
	return a
}

// sweep forgets accounts with all their tries back, and any until a tenth of the room is free.
func (t *tries) sweep() {
	for name, a := range t.list {
		if a.limiter.Tokens() >= triesBurst || len(t.list) > triesKept*9/10 {
			delete(t.list, name)
		}
	}
}

// slowDown waits when the account was guessed at too often.
func (a *accountTries) slowDown(ctx context.Context) error {
	if a.limiter.Tokens() >= 1 {
		return nil
	}
	pause := time.NewTimer(triesPause)
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *accountTries) failed() { a.limiter.Allow() }
