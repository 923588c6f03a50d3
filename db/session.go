package db

import (
	"context"
	"time"
)

// Session is a sign-in: by the API (a JWT that names its id, and a refresh token) or the dashboard (a cookie). Secrets are kept
// as SHA-256 only.
type Session struct {
	ID          string
	UserID      string
	Agent       string
	Address     string
	CreatedAt   time.Time
	PasswordAt  time.Time // when the password was last given
	LastUsedAt  time.Time
	ExpiresAt   time.Time
	SIDHash     []byte // of the cookie; of nothing for a session of the API
	RefreshHash []byte // empty for cookies
}

const sessionFields = "id, user_id, agent, address, created_at, password_at, last_used_at, expires_at, sid_hash"

func scanSession(row interface{ Scan(...any) error }) (Session, error) {
	var s Session
	var created, password, used, expires int64
	err := row.Scan(&s.ID, &s.UserID, &s.Agent, &s.Address, &created, &password, &used, &expires, &s.SIDHash)
	s.CreatedAt, s.PasswordAt = time.UnixMilli(created), time.UnixMilli(password)
	s.LastUsedAt, s.ExpiresAt = time.UnixMilli(used), time.UnixMilli(expires)
	return s, notFound(err)
}

// CreateSession stores a sign-in, fills in its ID and times, and forgets sessions that have expired. It fails with ErrNotFound
// when the account is gone or disabled, or its password is not the one any more that was checked before, by its hash: what
// ends all sessions must not miss the one that is just being made.
func (d *DB) CreateSession(s *Session, passwordHash string) error {
	s.ID = NewName("session")
	if s.CreatedAt.IsZero() {
		s.CreatedAt = d.now()
	}
	s.PasswordAt, s.LastUsedAt = s.CreatedAt, s.CreatedAt
	now := s.CreatedAt.UnixMilli()
	return d.write(func(tx *Tx) error {
		if _, err := tx.exec("delete from session where expires_at <= ?", now); err != nil {
			return err
		}
		n, err := tx.exec("update user set last_login_at = ? where id = ? and password_hash = ? and disabled_at is null",
			now, s.UserID, passwordHash)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(`
			insert into session (id, sid_hash, user_id, agent, address, created_at, password_at, last_used_at,
			  expires_at, refresh_hash)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, s.SIDHash, s.UserID, s.Agent, s.Address, now, now, now, s.ExpiresAt.UnixMilli(), blob(s.RefreshHash))
		return err
	})
}

func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// CookieSession reads a session of the dashboard by the hash of its secret, or ErrNotFound.
func (d *DB) CookieSession(ctx context.Context, hash []byte) (Session, error) {
	return scanSession(d.row(ctx, "select "+sessionFields+" from session where sid_hash = ? and refresh_hash is null", hash))
}

// APISession reads a session of the API by its id, or ErrNotFound.
func (d *DB) APISession(ctx context.Context, id string) (Session, error) {
	return scanSession(d.row(ctx, "select "+sessionFields+" from session where id = ? and refresh_hash is not null", id))
}

// Sessions lists an account's live sessions, the last used first.
func (d *DB) Sessions(ctx context.Context, user string) ([]Session, error) {
	rows, err := d.read.QueryContext(ctx, `
		select `+sessionFields+`
		from session
		where user_id = ? and expires_at > ?
		order by last_used_at desc`, user, d.now().UnixMilli())
	return collect(rows, err, scanSession)
}

// Refresh replaces a refresh secret and extends the session, to expires or to longest after it began, whichever is earlier. The secret before the last one is accepted for a grace from its
// first use, since the reply that replaced it may have been lost; next must be the same then. ErrNotFound when the secret is
// neither.
func (d *DB) Refresh(old, next []byte, grace time.Duration, expires time.Time, longest time.Duration) (Session, error) {
	var s Session
	now := d.now()
	err := d.write(func(tx *Tx) error {
		var err error
		s, err = scanSession(tx.row(`
			select `+sessionFields+`
			from session
			where (refresh_hash = ?1 or refresh_prev_hash = ?1 and refresh_prev_until > ?2) and expires_at > ?2`,
			old, now.UnixMilli()))
		if err != nil {
			return err
		}
		if end := s.CreatedAt.Add(longest); end.Before(expires) {
			expires = end
		}
		s.ExpiresAt = expires
		_, err = tx.exec(`
			update session
			set refresh_prev_hash = ?1, refresh_prev_until = iif(refresh_hash = ?1, ?2, refresh_prev_until), refresh_hash = ?3,
			  last_used_at = ?4, expires_at = ?5
			where id = ?6`, old, now.Add(grace).UnixMilli(), next, now.UnixMilli(), expires.UnixMilli(), s.ID)
		return err
	})
	return s, err
}

// RefreshOwner returns the session that a refresh secret belongs to, without using the secret.
func (d *DB) RefreshOwner(ctx context.Context, hash []byte) (Session, error) {
	return scanSession(d.row(ctx, `
		select `+sessionFields+`
		from session
		where refresh_hash = ?1 or refresh_prev_hash = ?1`, hash))
}

// TouchSession notes when and from where a session was used.
func (d *DB) TouchSession(id, address string, at time.Time) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update session set last_used_at = ?, address = ? where id = ?", at.UnixMilli(), address, id)
		return err
	})
}

// ConfirmSession notes that the password was given again.
func (d *DB) ConfirmSession(id string) error {
	return d.write(func(tx *Tx) error {
		var user string
		err := tx.row("update session set password_at = ? where id = ? returning user_id", tx.d.now().UnixMilli(), id).Scan(&user)
		tx.changed(Change{User: user})
		return notFound(err)
	})
}

// EndSession ends one session of an account, ErrNotFound when there is none.
func (d *DB) EndSession(user, id string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		n, err := tx.exec("delete from session where id = ? and user_id = ?", id, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// EndSessions ends all sessions of an account but the one to keep.
func (d *DB) EndSessions(user, keep string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		_, err := tx.exec("delete from session where user_id = ? and id <> ?", user, keep)
		return err
	})
}
