package auth

import (
	"context"
	"errors"
	"time"

	"notifer/db"
)

// touchEvery is how often a session's last use is written down.
const touchEvery = 5 * time.Minute

func (a *Auth) addCookie(ctx context.Context, p *Principal, sid string) error {
	name := sessionName{cookie: fingerprint(sid)}
	s, err := a.liveSession(ctx, name)
	var r *Refusal
	if errors.As(err, &r) {
		return nil // an ended cookie counts as none
	}
	if err != nil {
		return err
	}
	if a.clock.over(s.Session.ID+" idle", s.LastUsedAt.Add(a.o.IdleTTL)) {
		return nil
	}
	p.session, p.name, p.cookie = s, name, true
	return a.touch(p)
}

func (a *Auth) liveSession(ctx context.Context, name sessionName) (*sessionRecord, error) {
	s, err := a.rights.session(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return nil, unauthenticated(BadSession, "the session has ended: sign in again")
	}
	if err != nil {
		return nil, err
	}
	if a.clock.over(s.Session.ID, s.ExpiresAt) || a.clock.over(s.Session.ID+" longest", s.CreatedAt.Add(a.o.SessionMax)) || s.User.Disabled {
		return nil, unauthenticated(BadSession, "the session has ended: sign in again")
	}
	return s, nil
}

// touch writes down a session's use now and then. A request that holds the older record is not disturbed.
func (a *Auth) touch(p *Principal) error {
	s, now := p.session, a.Now()
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
	err := a.d.TouchSession(s.Session.ID, p.address.String(), now)
	if errors.Is(err, db.ErrFull) || errors.Is(err, db.ErrIO) {
		return nil // a store that refuses writes still lets people in
	}
	return err
}
