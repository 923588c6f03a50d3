package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// User is an account. Email is case-folded and unique, as Username is.
type User struct {
	ID           string
	Email        string
	Username     string
	PasswordHash string
	IsAdmin      bool
	Disabled     bool
	CreatedAt    time.Time
	LastLoginAt  time.Time
	Preferences  string
}

// FoldEmail is the form in which e-mail addresses are stored and compared.
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

const userFields = "id, email, username, password_hash, is_admin, disabled_at, created_at, last_login_at, preferences"

func scanUser(row interface{ Scan(...any) error }) (User, error) {
	var u User
	var disabled, login sql.NullInt64
	var created int64
	err := row.Scan(&u.ID, &u.Email, &u.Username, &u.PasswordHash, &u.IsAdmin, &disabled, &created, &login, &u.Preferences)
	u.Disabled, u.CreatedAt, u.LastLoginAt = disabled.Valid, time.UnixMilli(created), moment(login)
	return u, notFound(err)
}

// moment is the zero time for NULL.
func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64)
}

// CreateUser stores a new account and fills in its ID and CreatedAt; ErrTaken when e-mail or username is.
func (d *DB) CreateUser(u *User) error {
	return d.write(func(tx *Tx) error { return tx.createUser(u) })
}

// CreateFirstAdmin is CreateUser that fails with ErrSetUp when there is an admin, decided in the same transaction. Accounts
// that registered before do not matter.
func (d *DB) CreateFirstAdmin(u *User) error {
	return d.write(func(tx *Tx) error {
		var there bool
		if err := tx.row(hasAdmin).Scan(&there); err != nil {
			return err
		}
		if there {
			return ErrSetUp
		}
		return tx.createUser(u)
	})
}

func (t *Tx) createUser(u *User) error {
	u.ID, u.Email, u.CreatedAt = NewName("user"), FoldEmail(u.Email), t.d.now()
	_, err := t.exec(`
		insert into user (id, email, username, password_hash, is_admin, created_at)
		values (?, ?, ?, ?, ?, ?)`,
		u.ID, u.Email, u.Username, u.PasswordHash, u.IsAdmin, u.CreatedAt.UnixMilli())
	return err
}

// User reads an account by its id, or ErrNotFound.
func (d *DB) User(ctx context.Context, id string) (User, error) {
	return scanUser(d.row(ctx, "select "+userFields+" from user where id = ?", id))
}

// UserByLogin reads an account by email address or username, or ErrNotFound. When there is none it reads another row all the
// same, so that the time of a sign-in does not show which accounts exist.
func (d *DB) UserByLogin(ctx context.Context, login string) (User, error) {
	u, err := scanUser(d.row(ctx, `
		select iif(email = ?1 or username = ?1, id, ''), `+strings.TrimPrefix(userFields, "id, ")+`
		from user
		where id = coalesce(
		  (select id from user where email = ?1 or username = ?1 order by email = ?1 desc limit 1),
		  (select id from user limit 1))`, FoldEmail(login)))
	if err == nil && u.ID == "" {
		return User{}, ErrNotFound
	}
	return u, err
}

// DecoyHash is the password hash of the n-th account, counted round; empty when there is no account.
func (d *DB) DecoyHash(ctx context.Context, n uint32) (string, error) {
	var hash string
	err := d.row(ctx, "select password_hash from user order by id limit 1 offset ? % max((select count(*) from user), 1)", int64(n)).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return hash, classify(err)
}

// RenewPasswordHash replaces the hash of a password that stays the same; ErrNotFound when it is not the stored one any more.
func (d *DB) RenewPasswordHash(user, old, hash string) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("update user set password_hash = ? where id = ? and password_hash = ?", hash, user, old)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		tx.changed(Change{User: user})
		return err
	})
}

// Users lists all accounts by name.
func (d *DB) Users(ctx context.Context) ([]User, error) {
	rows, err := d.read.QueryContext(ctx, "select "+userFields+" from user order by username")
	return collect(rows, err, scanUser)
}

const hasAdmin = "select exists (select 1 from user where is_admin)"

// HasAdmin reports whether the server is set up: any account administers it.
func (d *DB) HasAdmin(ctx context.Context) (bool, error) {
	var there bool
	err := d.row(ctx, hasAdmin).Scan(&there)
	return there, classify(err)
}

// UpdateUser lets change alter an account and stores its name, password hash, admin and disabled fields, all in one
// transaction: of two changes at once neither undoes the other. A new password and disabling end the account's sessions. It
// fails with the error of change, which must not write to the store, with ErrTaken when another has the name, and with ErrLast when no enabled admin would be left.
func (d *DB) UpdateUser(id string, change func(*User) error) (u User, err error) {
	err = d.write(func(tx *Tx) error {
		tx.changed(Change{User: id})
		if u, err = scanUser(tx.row("select "+userFields+" from user where id = ?", id)); err != nil {
			return err
		}
		was := u
		if _, err := alter(tx, &u, func(u *User) ([]string, error) { return nil, change(u) }); err != nil {
			return err
		}
		if u.Username != was.Username || u.Disabled != was.Disabled {
			if err := tx.changedOwner(id); err != nil {
				return err
			}
		}
		return tx.keepAdmin(func() error { return tx.updateUser(u, u.Disabled || u.PasswordHash != was.PasswordHash) })
	})
	return u, err
}

func (t *Tx) updateUser(u User, signOut bool) error {
	_, err := t.exec(`
		update user
		set username = ?, password_hash = ?, is_admin = ?, disabled_at = case when ? then coalesce(disabled_at, ?) end
		where id = ?`, u.Username, u.PasswordHash, u.IsAdmin, u.Disabled, t.d.now().UnixMilli(), u.ID)
	if err == nil && signOut {
		_, err = t.exec("delete from session where user_id = ?", u.ID)
	}
	return err
}

// keepAdmin makes a change unless no enabled admin would be left by it. Where there was none before, it is allowed.
func (t *Tx) keepAdmin(change func() error) error {
	before, err := t.hasAdmin()
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := t.hasAdmin()
	if err == nil && before && !after {
		return ErrLast
	}
	return err
}

func (t *Tx) hasAdmin() (there bool, err error) {
	err = t.row("select exists (select 1 from user where is_admin and disabled_at is null)").Scan(&there)
	return there, err
}

// SetPassword stores a new hash and ends every session of the account but the one to keep, and with revokeKeys its API keys.
func (d *DB) SetPassword(user, hash, keepSession string, revokeKeys bool) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		n, err := tx.exec("update user set password_hash = ? where id = ?", hash, user)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.exec("delete from session where user_id = ? and id <> ?", user, keepSession)
		if err == nil && revokeKeys {
			_, err = tx.exec("update key set revoked_at = ? where user_id = ? and revoked_at is null", tx.d.now().UnixMilli(), user)
		}
		return err
	})
}

// SetPreferences stores the account's display settings, a text that the store does not read.
func (d *DB) SetPreferences(user, preferences string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		_, err := tx.exec("update user set preferences = ? where id = ?", preferences, user)
		return err
	})
}

// DeleteUser removes an account with its topics, keys and sessions; ErrLast for the last enabled admin.
func (d *DB) DeleteUser(id string) error {
	return d.write(func(tx *Tx) error { return tx.keepAdmin(func() error { return tx.deleteUser(id) }) })
}

func (t *Tx) deleteUser(id string) error {
	t.changed(Change{User: id})
	rows, err := t.query("select id from topic where owner_id = ?", id)
	topics, err := collect(rows, err, scanInt)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		if err := t.dropTopic(topic); err != nil {
			return err
		}
	}
	n, err := t.exec("delete from user where id = ?", id)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

func scanInt(row interface{ Scan(...any) error }) (int64, error) {
	var n int64
	return n, row.Scan(&n)
}

// collect reads all rows with scan; it closes them.
func collect[T any](rows *sql.Rows, err error, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, classify(rows.Err())
}
