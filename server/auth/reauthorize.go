package auth

import (
	"context"
	"time"
)

// Reauthorize decides again, from the records as they are now, for a stream that is open or a body that took long. It
// counts no use, and returns until when the answer holds, as Expires does.
func (a *Auth) Reauthorize(ctx context.Context, p *Principal, action Action, topicID int64, name string) (until time.Time, err error) {
	fresh := *p
	if err := a.reload(ctx, &fresh); err != nil {
		return time.Time{}, err
	}
	topic, err := a.rights.topic(ctx, name)
	if err != nil {
		return time.Time{}, err
	}
	if topic != nil && topic.ID != topicID {
		topic = nil // deleted, and made again under the same name
	}
	return fresh.Expires(), a.decide(&fresh, action, topic)
}

func (a *Auth) reload(ctx context.Context, p *Principal) (err error) {
	if p.token != nil {
		if p.token, err = a.liveToken(ctx, p.tokenFP, p.token.Hint); err != nil {
			return err
		}
	}
	if p.paired != nil {
		if p.paired, err = a.liveSession(ctx, p.name); err != nil {
			return err
		}
		if p.key = p.paired.key; p.key == nil {
			return unauthenticated(BadSession, "the session has ended: sign in again")
		}
		if r := a.endedKey(p.key); r != nil {
			return r
		}
	} else if p.key != nil {
		if p.key, err = a.liveKey(ctx, p.keyFP); err != nil {
			return err
		}
	}
	if p.session != nil {
		if p.session, err = a.liveSession(ctx, p.name); err != nil {
			return err
		}
		if a.clock.Passed(jwtName(p.session), p.jwtExp) {
			return unauthenticated(BadSession, "the access token has expired: sign in again")
		}
	}
	return nil
}
