package auth

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// An account at which this many wrong passwords were tried takes a pause for each further try, wherever it comes from. That is no queue:
// a right password is as quick as a wrong one, so nobody is locked out. Accounts are counted whether they exist or not.
const (
	triesBurst  = 250
	triesRefill = time.Minute
	triesPause  = 2 * time.Second
)

// slowDown waits when an account was guessed at too often.
func slowDown(ctx context.Context, tries *rate.Limiter) error {
	if tries.Tokens() >= 1 {
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
