package auth

import (
	"context"
	"errors"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
)

// touchEvery is how often a session's last use is stored.
const touchEvery = 5 * time.Minute

func (a *Auth) addCookie(ctx context.Context, p *Principal, sid string) error {
	name := sessionName{cookie: secrets.FingerprintOf(sid)}
	s, err := a.liveSession(ctx, name)
	var r *Refusal
	if errors.As(err, &r) {
		return nil // an ended cookie counts as none
	}
	if err != nil {
		return err
	}
	if s.key != nil {
		if a.endedKey(s.key) != nil {
			return nil
		}
		p.key, p.paired, p.name, p.cookie = s.key, s, name, true
		return a.touch(p, s)
	}
	if a.clock.Passed(s.Session.ID+" idle", s.LastUsedAt.Add(a.o.IdleTTL)) {
		return nil
	}
	p.session, p.name, p.cookie = s, name, true
	return a.touch(p, s)
}

func (a *Auth) liveSession(ctx context.Context, name sessionName) (*sessionRecord, error) {
	s, err := a.rights.session(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return nil, unauthenticated(BadSession, "the session has ended: sign in again")
	}
	if err != nil {
		return nil, err
	}
	longest := s.key == nil && a.clock.Passed(s.Session.ID+" longest", s.CreatedAt.Add(a.o.SessionMax))
	if longest || a.clock.Passed(s.Session.ID, s.ExpiresAt) || s.User.Disabled {
		return nil, unauthenticated(BadSession, "the session has ended: sign in again")
	}
	return s, nil
}

// touch stores a session's use now and then. A request that holds the older record is not disturbed.
func (a *Auth) touch(p *Principal, s *sessionRecord) error {
	now := a.Now()
	if since := now.Sub(s.LastUsedAt); since >= 0 && since < touchEvery {
		return nil
	}
	fresh := *s
	fresh.LastUsedAt = now
	a.rights.mu.Lock()
	if a.rights.sessions[p.name] == s {
		a.rights.sessions[p.name] = &fresh
	}
	a.rights.mu.Unlock()
	err := a.d.TouchSession(s.Session.ID, p.Address(), now)
	if errors.Is(err, db.ErrFull) || errors.Is(err, db.ErrIO) {
		return nil // a store that refuses writes still lets people in
	}
	return err
}
