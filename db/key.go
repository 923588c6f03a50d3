package db

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
)

// Key is a user's API key without its secret.
type Key struct {
	ID           string
	UserID       string
	Name         string
	Description  string
	Scopes       string // joined by commas
	Fingerprint  []byte
	Hash         string
	Hint         string
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RevokedAt    time.Time
	LastUsedAt   time.Time
	RequestCount int64
}

// Has reports whether the key holds a scope, itself or by "*".
func (k *Key) Has(scope string) bool {
	list := strings.Split(k.Scopes, ",")
	return slices.Contains(list, "*") || slices.Contains(list, scope)
}

// Live reports whether the key works: neither revoked nor expired.
func (k *Key) Live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

const keyFields = `
	id, user_id, name, description, scopes, fingerprint, hash, hint, created_at, expires_at, revoked_at, last_used_at,
	request_count, ` + flushNumber

func (d *DB) scanKey(row interface{ Scan(...any) error }) (Key, error) {
	var k Key
	var created, flush int64
	var expires, revoked, used sql.NullInt64
	err := row.Scan(&k.ID, &k.UserID, &k.Name, &k.Description, &k.Scopes, &k.Fingerprint, &k.Hash, &k.Hint, &created,
		&expires, &revoked, &used, &k.RequestCount, &flush)
	k.CreatedAt, k.ExpiresAt = time.UnixMilli(created), moment(expires)
	k.RevokedAt, k.LastUsedAt = moment(revoked), moment(used)
	if err == nil {
		d.usage.pendingKey(&k, flush)
	}
	return k, notFound(err)
}

// CreateKey stores a key and fills in its ID and CreatedAt.
func (d *DB) CreateKey(k *Key) error {
	return d.write(func(tx *Tx) error {
		k.ID, k.CreatedAt = NewName("key"), tx.d.now()
		_, err := tx.exec(`
			insert into key (id, user_id, name, description, scopes, fingerprint, hash, hint, created_at, expires_at)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			k.ID, k.UserID, k.Name, k.Description, k.Scopes, k.Fingerprint, k.Hash, k.Hint, k.CreatedAt.UnixMilli(),
			millis(k.ExpiresAt))
		return err
	})
}

// Keys lists an account's keys, the newest first.
func (d *DB) Keys(ctx context.Context, user string) ([]Key, error) {
	rows, err := d.read.QueryContext(ctx, `
		select `+keyFields+`
		from key
		where user_id = ?
		order by created_at desc, id`, user)
	return collect(rows, err, d.scanKey)
}

// Key reads one key of an account, or ErrNotFound.
func (d *DB) Key(ctx context.Context, user, id string) (Key, error) {
	return d.scanKey(d.row(ctx, "select "+keyFields+" from key where user_id = ? and id = ?", user, id))
}

// KeyByFingerprint reads the key a secret's fingerprint belongs to, or ErrNotFound.
func (d *DB) KeyByFingerprint(ctx context.Context, fingerprint []byte) (Key, error) {
	return d.scanKey(d.row(ctx, "select "+keyFields+" from key where fingerprint = ?", fingerprint))
}

// RevokeKey ends a key for good; ErrNotFound when it is unknown or another account's. Revoking twice changes nothing.
func (d *DB) RevokeKey(user, id string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		n, err := tx.exec(`
			update key
			set revoked_at = coalesce(revoked_at, ?)
			where user_id = ? and id = ?`, tx.d.now().UnixMilli(), user, id)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// DeleteKey removes a key; ErrNotFound when it is unknown or another account's.
func (d *DB) DeleteKey(user, id string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		n, err := tx.exec("delete from key where user_id = ? and id = ?", user, id)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}
