package auth

import (
	"context"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"notifer/db"
	"notifer/server/plaintext"
)

// An account at which this many wrong passwords were tried takes a pause for each further try, wherever it comes from. That is no queue:
// a right password is as quick as a wrong one, so nobody is locked out. Accounts are counted whether they exist or not.
const (
	triesBurst  = 250
	triesRefill = time.Minute
	triesPause  = 2 * time.Second
)

// longestLogin is longer than any email address and username.
const longestLogin = 256

// triedName is what the tries of a login are counted under. It is a copy, since it is kept: of a text that is longer than any login, and
// of the request that it is a part of, nothing else may stay in memory.
func triedName(login string) string {
	return strings.Clone(plaintext.Cut(db.FoldEmail(login), longestLogin))
}

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
