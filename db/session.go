package db

import (
	"context"
	"errors"
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
	KeyID       string // of a paired device: the key that it is limited to

	Replaces *Session // of the same browser: it ends when this one is stored
}

const sessionFields = "id, user_id, agent, address, created_at, password_at, last_used_at, expires_at, sid_hash, coalesce(key_id, '')"

func scanSession(row scanner) (Session, error) {
	var s Session
	var created, password, used, expires int64
	err := row.Scan(&s.ID, &s.UserID, &s.Agent, &s.Address, &created, &password, &used, &expires, &s.SIDHash, &s.KeyID)
	s.CreatedAt, s.PasswordAt = time.UnixMilli(created), time.UnixMilli(password)
	s.LastUsedAt, s.ExpiresAt = time.UnixMilli(used), time.UnixMilli(expires)
	return s, notFound(err)
}

// The bounds on an account's sessions, in browsers and over the API. Beyond them, those that were used least recently end.
const (
	browserSessions = 200
	apiSessions     = 500
)

// CreateSession stores a sign-in, fills in its ID and times, and deletes expired sessions. It fails with ErrNotFound when the account is
// gone or disabled, or its password hash is no longer the one that was checked: what ends all sessions must not miss one that is just
// being made. Events are added to the activity log.
func (d *DB) CreateSession(s *Session, passwordHash string, events ...Audit) error {
	if s.CreatedAt.IsZero() {
		s.CreatedAt = d.now()
	}
	now := s.CreatedAt.UnixMilli()
	return d.write(func(tx *Tx) error {
		if _, err := tx.exec("delete from session where expires_at <= ?", now); err != nil {
			return err
		}
		n, err := tx.exec("update user set last_login_at = ? where id = ? and password_hash = ? and disabled_at is null",
			now, s.UserID, passwordHash)
		if err := someRow(n, err); err != nil {
			return err
		}
		if err := tx.insertSession(s); err != nil {
			return err
		}
		return tx.auditAll(tx.endUnusedSessions(s), events)
	})
}

// insertSession stores a session that begins at its CreatedAt, fills in its ID and times, and ends the session that it replaces.
func (t *Tx) insertSession(s *Session) error {
	s.ID, s.PasswordAt, s.LastUsedAt = NewName("session"), s.CreatedAt, s.CreatedAt
	at := s.CreatedAt.UnixMilli()
	_, err := t.exec(`
		insert into session (id, sid_hash, user_id, agent, address, created_at, password_at, last_used_at, expires_at,
		  refresh_hash, key_id)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
		s.ID, s.SIDHash, s.UserID, s.Agent, s.Address, at, at, at, s.ExpiresAt.UnixMilli(), blob(s.RefreshHash), s.KeyID)
	if err != nil {
		return err
	}
	return t.replaceSession(s)
}

// endUnusedSessions ends those of an account's sessions, of the kind of a new one, that are too many. The new one stays, even when the
// clock was set back and the others seem to have been used later.
func (t *Tx) endUnusedSessions(s *Session) error {
	api, most := len(s.RefreshHash) > 0, browserSessions
	if api {
		most = apiSessions
	}
	rows, err := t.query(`
		delete from session
		where id in (
		  select id
		  from session
		  where user_id = ?1 and key_id is null and (refresh_hash is not null) = ?2 and id <> ?4
		  order by last_used_at desc, created_at desc
		  limit -1 offset ?3)
		returning id`, s.UserID, api, most-1, s.ID)
	ended, err := collect(rows, err, scanValue[string])
	for _, id := range ended {
		t.changed(Change{User: s.UserID})
		err = errors.Join(err, t.endDevices("session_id = ?", id))
	}
	return err
}

// replaceSession ends the session that a new one replaces, if it has not ended already. The key of a paired device stays while
// its browser receives notifications.
func (t *Tx) replaceSession(s *Session) error {
	if s.Replaces == nil {
		return nil
	}
	t.changed(Change{User: s.Replaces.UserID, Keys: s.Replaces.KeyID != ""})
	_, err := t.exec("delete from session where id = ?", s.Replaces.ID)
	if err == nil && s.Replaces.KeyID == "" {
		err = t.passDevices(s.Replaces, s)
	}
	if err == nil && s.Replaces.KeyID != "" {
		_, err = t.exec(`
			update key
			set revoked_at = coalesce(revoked_at, ?1)
			where id = ?2 and not exists (select 1 from device where key_id = ?2)`, t.d.now().UnixMilli(), s.Replaces.KeyID)
	}
	return err
}

// passDevices gives the devices of a session to the one that replaces it in the same browser. When that one belongs to another account,
// or is limited to a key, they are removed: they may follow what it does not reach.
func (t *Tx) passDevices(from, to *Session) error {
	var err error
	if to.KeyID == "" {
		_, err = t.exec("update device set session_id = ? where session_id = ? and user_id = ?", to.ID, from.ID, to.UserID)
	}
	if err == nil {
		err = t.endDevices("session_id = ?", from.ID)
	}
	return err
}

// endDevices removes the devices, other than paired ones, for which a condition holds.
func (t *Tx) endDevices(where string, args ...any) error {
	rows, err := t.query("delete from device where key_id is null and "+where+" returning user_id", args...)
	users, err := collect(rows, err, scanValue[string])
	for _, user := range users {
		t.changed(Change{User: user, Keys: true})
	}
	return err
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

// Sessions lists an account's live sessions, the last used first. Those of paired devices are listed with their keys.
func (d *DB) Sessions(ctx context.Context, user string) ([]Session, error) {
	rows, err := d.read.QueryContext(ctx, `
		select `+sessionFields+`
		from session
		where user_id = ? and expires_at > ? and key_id is null
		order by last_used_at desc`, user, d.now().UnixMilli())
	return collect(rows, err, scanSession)
}

// Refresh replaces a refresh secret and extends the session, to expires or to longest after it began, whichever is earlier. The secret
// before the last one is accepted for a grace period from its first use, since the reply that replaced it may have been lost; next must
// be the same then. ErrNotFound when the secret is neither. If it is the one before the last, too late, two hold the session's secrets, and
// which of them is its owner is not known: the session ends.
func (d *DB) Refresh(old, next []byte, grace time.Duration, expires time.Time, longest time.Duration) (Session, error) {
	var s Session
	var reused bool
	now := d.now()
	err := d.write(func(tx *Tx) error {
		var err error
		s, err = scanSession(tx.row(`
			select `+sessionFields+`
			from session
			where (refresh_hash = ?1 or refresh_prev_hash = ?1 and refresh_prev_until > ?2) and expires_at > ?2`,
			old, now.UnixMilli()))
		if reused = false; errors.Is(err, ErrNotFound) {
			reused, err = tx.endReused(old)
			return err
		}
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
	if err == nil && reused {
		err = ErrNotFound // only now: as the error of the change, it would undo the end of the session
	}
	return s, err
}

// endReused ends the session whose refresh secret before the last was used again, and reports whether there was one: ErrNotFound if not.
func (t *Tx) endReused(old []byte) (bool, error) {
	s, err := scanSession(t.row("select "+sessionFields+" from session where refresh_prev_hash = ?", old))
	if err != nil {
		return false, err
	}
	u, err := scanUser(t.row("select "+userFields+" from user where id = ?", s.UserID))
	if err == nil {
		err = t.endSession(s.UserID, s.ID)
	}
	if err == nil {
		err = t.audit(AccountEvent(maintainer, "account.sign_out", &u, "a session whose refresh token was used twice"))
	}
	return true, err
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

// EndOtherSession ends a session that may be an intruder's, and the account's pairing codes, which it may have seen.
func (d *DB) EndOtherSession(user, id string, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from pairing where user_id = ? and key_id is null", user)
		return tx.auditAll(errors.Join(err, tx.endSession(user, id)), events)
	})
}

// EndSession ends one session of an account, ErrNotFound when there is none.
func (d *DB) EndSession(user, id string, events ...Audit) error {
	return d.write(func(tx *Tx) error { return tx.auditAll(tx.endSession(user, id), events) })
}

func (t *Tx) endSession(user, id string) error {
	t.changed(Change{User: user})
	n, err := t.exec("delete from session where id = ? and user_id = ? and key_id is null", id, user)
	if err = someRow(n, err); err == nil {
		err = t.endDevices("session_id = ?", id)
	}
	return err
}

// EndSessions ends all sessions of an account except the one to keep and those of paired devices, which end with their keys. The browsers
// of the ended ones get no more notifications.
func (d *DB) EndSessions(user, keep string, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		return tx.auditAll(tx.endSessions(user, keep), events)
	})
}

// endSessions does the work of EndSessions. Pairing codes end too: one that an ended session has seen would yield a new session. Only the
// devices of the session to keep stay: one whose session has expired, or is not known, may be an intruder's.
func (t *Tx) endSessions(user, keep string) error {
	_, err := t.exec("delete from session where user_id = ? and id <> ? and key_id is null", user, keep)
	if err == nil {
		_, err = t.exec("delete from pairing where user_id = ? and key_id is null", user)
	}
	if err == nil {
		err = t.endDevices("user_id = ? and session_id is not ?", user, keep)
	}
	return err
}
