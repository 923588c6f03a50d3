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
	LastLoginAt  time.Time // when it last signed in
	Preferences  string    // text of the pages, opaque to the store
	MustChange   bool      // another person has set the password: the account's owner chooses a new one first
	Factor       bool      // it has a second factor
	FactorCount  int       // how often it was given one
}

// FoldEmail is the form in which email addresses are stored and compared.
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

const userFields = `id, email, username, password_hash, is_admin, disabled_at, created_at, last_login_at, preferences, must_change,
	factor_count, exists (select 1 from second_factor where user_id = user.id)`

func scanUser(row scanner) (User, error) {
	var u User
	var disabled, login sql.NullInt64
	var created int64
	err := row.Scan(&u.ID, &u.Email, &u.Username, &u.PasswordHash, &u.IsAdmin, &disabled, &created, &login, &u.Preferences,
		&u.MustChange, &u.FactorCount, &u.Factor)
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

// CreateUser stores a new account and fills in its ID and CreatedAt; ErrTaken when email or username is.
func (d *DB) CreateUser(u *User, by ...By) error {
	return d.write(func(tx *Tx) error { return tx.createUser(u, by) })
}

// CreateFirstAdmin is CreateUser that fails with ErrSetUp when there is an enabled admin, decided in the same transaction. Accounts
// that registered before do not matter.
func (d *DB) CreateFirstAdmin(u *User, by ...By) error {
	return d.write(func(tx *Tx) error {
		there, err := tx.hasAdmin()
		if err == nil && there {
			err = ErrSetUp
		}
		if err != nil {
			return err
		}
		return tx.createUser(u, by)
	})
}

func (t *Tx) createUser(u *User, by []By) error {
	u.ID, u.Email, u.CreatedAt = NewName("user"), FoldEmail(u.Email), t.d.now()
	_, err := t.exec(`
		insert into user (id, email, username, password_hash, is_admin, created_at, must_change, disabled_at)
		values (?1, ?2, ?3, ?4, ?5, ?6, ?7, case when ?8 then ?6 end)`,
		u.ID, u.Email, u.Username, u.PasswordHash, u.IsAdmin, u.CreatedAt.UnixMilli(), u.MustChange, u.Disabled)
	if err != nil {
		return err
	}
	if len(by) > 0 && by[0].ID == "" && by[0].Name == "" {
		by = []By{{ID: u.ID, Name: u.Username, Address: by[0].Address}} // an account that registers is the actor itself
	}
	err = t.auditAccount(by, "account.create", u, role(u))
	if err == nil && u.Disabled {
		err = t.auditAccount(by, "account.disable", u, "")
	}
	return err
}

// role is what an account may do, in a word.
func role(u *User) string {
	if u.IsAdmin {
		return "admin"
	}
	return ""
}

// User reads an account by its id, or ErrNotFound.
func (d *DB) User(ctx context.Context, id string) (User, error) {
	return scanUser(d.row(ctx, "select "+userFields+" from user where id = ?", id))
}

// UserByLogin reads an account by email address or username, or ErrNotFound. When there is none it still reads a row, so that the time of
// a sign-in does not show which accounts exist.
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

// DecoyHash returns the password hash of the n-th account, modulo their number; empty when there is none.
func (d *DB) DecoyHash(ctx context.Context, n uint32) (string, error) {
	var hash string
	err := d.row(ctx, "select password_hash from user order by id limit 1 offset ? % max((select count(*) from user), 1)", int64(n)).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return hash, classify(err)
}

// RenewPasswordHash replaces the hash of a password that stays the same; ErrNotFound when old is not the stored hash.
func (d *DB) RenewPasswordHash(user, old, hash string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		n, err := tx.exec("update user set password_hash = ? where id = ? and password_hash = ?", hash, user, old)
		return someRow(n, err)
	})
}

// Users lists all accounts by name.
func (d *DB) Users(ctx context.Context) ([]User, error) {
	rows, err := d.read.QueryContext(ctx, "select "+userFields+" from user order by username")
	return collect(rows, err, scanUser)
}

// HasAdmin reports whether the server is set up: there is an enabled admin.
func (d *DB) HasAdmin(ctx context.Context) (bool, error) {
	var there bool
	err := d.row(ctx, hasAdmin).Scan(&there)
	return there, classify(err)
}

// SetPreferences stores the account's display settings, a text that the store does not read. The quiet hours of its devices are in the time
// zone from then on, unless that is empty.
func (d *DB) SetPreferences(user, preferences, zone string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user})
		_, err := tx.exec("update user set preferences = ? where id = ?", preferences, user)
		if err != nil || zone == "" {
			return err
		}
		_, err = tx.exec("update device set zone = ? where user_id = ?", zone, user)
		return err
	})
}
