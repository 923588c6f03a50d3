package manage

import (
	"context"
	"errors"
	"slices"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// NewToken is a token of these values for a topic of the actor, without a secret, and what is wrong with it.
func (m *Manager) NewToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, error) {
	if v.Expires == nil && m.rules.DefaultExpiry > 0 {
		at := m.auth.Now().Add(m.rules.DefaultExpiry)
		v.Expires = &at
	}
	t, p := m.newToken(a, topic, v)
	p.add(m.checkLifetime(t.ExpiresAt))
	return t, p.or()
}

// newToken is NewToken without the rules about lifetimes, which do not apply to declared tokens.
func (m *Manager) newToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, Errors) {
	t := db.Token{TopicID: topic.ID, Topic: topic.Name, CreatedBy: a.User.ID, CreatedByName: a.User.Username}
	var p Errors
	permissions := readPermissions(v.Permissions, &t)
	p.add(a.mayHandOut(&t)) // rights come before values
	if topic.AccessLevel != db.Private {
		p.add(&Error{Kind: auth.ErrMalformed, Detail: "tokens are for private topics only, and " + topic.Name + " is " + topic.AccessLevel + ": make it private first"})
	}
	p.add(permissions)
	if v.Name == nil {
		p.add(invalid("name", "name is missing: say where the token will live"))
	}
	m.applyToken(v, &t, &p)
	return t, p
}

// mayHandOut refuses to give an API key the secret of a token that may do more than the key.
func (a Actor) mayHandOut(t *db.Token) error {
	if scope := a.lacks(t.Permissions()...); scope != "" { // permissions and scopes have the same names
		return forbidden("the API key lacks the scope %s, so it cannot hand out a token that may %s", scope, scope)
	}
	return nil
}

// checkLifetime refuses an end later than the server's bound on the lifetimes of tokens.
func (m *Manager) checkLifetime(end time.Time) error {
	if most := m.rules.MaxExpiry; most > 0 && (end.IsZero() || end.After(m.now().Add(most+time.Minute))) {
		return invalid("expires_at", "a token can live for at most %d hours on this server (tokens.max_expiry): send an earlier expires_at", most/time.Hour)
	}
	return nil
}

// CreateToken makes a token for a topic and returns its secret, which is kept nowhere. It hashes the secret, which may take as long as a
// sign-in. A name that another live token of the topic has is a conflict.
func (m *Manager) CreateToken(ctx context.Context, a Actor, topic *db.Topic, v TokenValues) (db.Token, string, error) {
	t, err := m.NewToken(a, topic, v)
	if err != nil {
		return t, "", err
	}
	secret, err := m.auth.IssueToken(ctx, &t, a.By)
	return t, secret, tokenTaken(err, &t)
}

// NewDeclaredToken is a declared token of these values, and what is wrong with it. It never expires, whatever the rules say.
func (m *Manager) NewDeclaredToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, error) {
	t, p := m.newToken(a, topic, v)
	return t, p.or()
}

// ImportToken makes a declared token, whose secret or digest exists already. A secret of another token, and one that has ended, is a
// conflict.
func (m *Manager) ImportToken(ctx context.Context, a Actor, topic *db.Topic, v TokenValues, secret string) (db.Token, error) {
	t, err := m.NewDeclaredToken(a, topic, v)
	if err != nil {
		return t, err
	}
	err = m.auth.ImportToken(ctx, &t, secret, a.By)
	if errors.Is(err, db.ErrEnded) {
		return t, conflict("token", "the secret of a token that has ended cannot be used again: make a new one")
	}
	if errors.Is(err, db.ErrTaken) {
		switch other, read := m.d.TokenByFingerprint(ctx, t.Fingerprint); {
		case read == nil:
			return t, conflict("token", `the secret is that of the token "%s" of %s: give each token its own`, other.Name, other.Topic)
		case !errors.Is(read, db.ErrNotFound):
			return t, read
		}
	}
	return t, tokenTaken(err, &t)
}

func tokenTaken(err error, t *db.Token) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return conflict("name", `%s already has a live token called "%s". Add the machine or job name.`, t.Topic, t.Name)
	case errors.Is(err, db.ErrLimit):
		return limit("the topic has reached its limit of live tokens: revoke one first, or raise tokens.max_per_topic")
	}
	return err
}

// UpdateToken changes the fields that are set, which the permissions cannot be. It does not judge the others: they may be older than a rule.
// A token that has ended, and a name that another live token has, is a conflict.
func (m *Manager) UpdateToken(a Actor, topic *db.Topic, id string, v TokenValues) (db.Token, error) {
	t, err := m.d.UpdateToken(topic.ID, id, a.By, func(t *db.Token) ([]string, error) {
		if !t.Live(m.now()) {
			return nil, tokenEnded()
		}
		was := *t
		var p Errors
		if v.Permissions != nil {
			p.add(invalid("permissions", "the permissions of a token never change: create a new token"))
		}
		m.applyToken(v, t, &p)
		if v.Expires != nil {
			p.add(m.checkLifetime(t.ExpiresAt))
		}
		return tokenChanges(&was, t), p.or()
	})
	return t, tokenTaken(tokenGone(err), &t)
}

func tokenEnded() error { return conflict("", "the token has ended: create a new one instead") }

func tokenGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &Error{Kind: auth.ErrNotFound, Detail: "no such token"}
	}
	return err
}

// Grace is a grace of whole seconds, or an error that names its bounds. Seconds are judged before they are multiplied, which could
// overflow.
func Grace(seconds int64) (time.Duration, error) {
	grace := time.Duration(max(-1, min(seconds, int64(MaxGrace/time.Second)+1))) * time.Second
	return grace, checkGrace(grace)
}

func checkGrace(grace time.Duration) error {
	if grace < 0 || grace > MaxGrace {
		return invalid("grace_seconds", "grace_seconds must be from 0 to %d (%d days)", MaxGrace/time.Second, MaxGrace/(24*time.Hour))
	}
	return nil
}

// RotateToken gives a token a new secret and returns it; the old one works for the grace, from 0 to MaxGrace. A token that has ended is a
// conflict.
func (m *Manager) RotateToken(ctx context.Context, a Actor, topic *db.Topic, id string, grace time.Duration) (db.Token, string, error) {
	t, err := m.Token(ctx, topic, id)
	if err != nil {
		return t, "", err
	}
	if !t.Live(m.now()) {
		return t, "", tokenEnded()
	}
	if err := checkGrace(grace); err != nil {
		return t, "", err
	}
	if err := a.mayHandOut(&t); err != nil {
		return t, "", err
	}
	secret, err := m.auth.RotateToken(ctx, &t, grace, a.By)
	if err != nil {
		return t, "", tokenGone(err)
	}
	t, err = m.Token(ctx, topic, id)
	return t, secret, err
}

// RevokeToken ends a token. It fails with ErrNotFound when there is no such live token; the token returned is the one that
// ended before, if there was one.
func (m *Manager) RevokeToken(a Actor, topic *db.Topic, id string) (db.Token, error) {
	t, err := m.d.RevokeToken(topic.ID, id, a.By)
	return t, tokenGone(err)
}

// RevokeTokens ends all live tokens of a topic, with the streams that they opened, and returns how many there were.
func (m *Manager) RevokeTokens(a Actor, topic *db.Topic) (int, error) {
	return m.d.RevokeTokens(*topic, a.By)
}

// EndOldSecret ends the secret that a token had before its rotation, with the streams that it opened.
func (m *Manager) EndOldSecret(a Actor, topic *db.Topic, id string) error {
	return tokenGone(m.d.EndPrevious(topic.ID, id, a.By))
}

// RevokeFound ends the token that the caller shows, on behalf of the person who found its text.
func (m *Manager) RevokeFound(by *auth.Principal) error {
	t := by.Token()
	_, err := m.d.RevokeToken(t.TopicID, t.ID, finder("the token itself", by))
	return tokenGone(err)
}

// ReportFound marks the token that the caller shows as leaked, on behalf of the person who found its text.
func (m *Manager) ReportFound(by *auth.Principal) error {
	return m.ReportLeak(Actor{By: finder("A finder", by)}, by.Token(), "its text was found in public")
}

// finder is an unknown person who has found a token.
func finder(name string, by *auth.Principal) db.By {
	return db.By{Name: name, Via: by.Token().ID, Address: by.Address()}
}

// ReportLeak marks a live token as leaked; why goes into the activity log.
func (m *Manager) ReportLeak(a Actor, t *db.Token, why string) error {
	return m.d.LeakToken(t.ID, a.By, why)
}

// Token reads one token of a topic.
func (m *Manager) Token(ctx context.Context, topic *db.Topic, id string) (db.Token, error) {
	t, err := m.d.Token(ctx, topic.ID, id)
	return t, tokenGone(err)
}

// Tokens lists a topic's tokens, the newest first, without those that ended too long ago.
func (m *Manager) Tokens(ctx context.Context, topic *db.Topic) ([]db.Token, error) {
	list, err := m.d.Tokens(ctx, topic.ID)
	if m.rules.KeepEnded == 0 {
		return list, err
	}
	horizon := m.d.Now().Add(-m.rules.KeepEnded)
	return slices.DeleteFunc(list, func(t db.Token) bool {
		return !t.RevokedAt.IsZero() && t.RevokedAt.Before(horizon) || !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(horizon)
	}), err
}
