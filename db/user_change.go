package db

import (
	"strconv"
)

// hasAdmin looks for an enabled admin: with none but disabled ones, nobody can administer the server.
const hasAdmin = "select exists (select 1 from user where is_admin and disabled_at is null)"

// UpdateUser lets change alter an account and stores its email, name, password hash, admin, disabled and must-change fields, all in one
// transaction: of two changes at once neither undoes the other. A new password and disabling end the account's sessions. It fails with
// the error of change, which must not write to the store, with ErrTaken when another account has the name or the email address, and with
// ErrLast when no enabled admin would be left.
func (d *DB) UpdateUser(id string, change func(*User) error, by ...By) (User, error) {
	return d.ChangeUser(id, change, Ends{}, by...)
}

// Ends says what else ends with an account's password, and what does not.
type Ends struct {
	KeepSession string // all other sessions do
	Keys        bool   // API keys do too: an intruder who knew the old password may have made them
}

// ChangeUser is UpdateUser that says what ends with the password.
func (d *DB) ChangeUser(id string, change func(*User) error, ends Ends, by ...By) (u User, err error) {
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
			if err := tx.renameSender(id, u.Username); err != nil {
				return err
			}
		}
		if err := tx.keepAdmin(func() error { return tx.updateUser(u) }); err != nil {
			return err
		}
		revoked, err := tx.endSignIns(was, u, ends)
		if err != nil {
			return err
		}
		return tx.auditChanges(by, was, u, revoked)
	})
	return u, err
}

func (t *Tx) updateUser(u User) error {
	_, err := t.exec(`
		update user
		set email = ?, username = ?, password_hash = ?, is_admin = ?, disabled_at = case when ? then coalesce(disabled_at, ?) end,
		  must_change = ?
		where id = ?`, FoldEmail(u.Email), u.Username, u.PasswordHash, u.IsAdmin, u.Disabled, t.d.now().UnixMilli(), u.MustChange, u.ID)
	return err
}

// endSignIns ends sessions and keys where a change of the account does, and returns how many keys.
func (t *Tx) endSignIns(was, is User, ends Ends) (keys int64, err error) {
	renewed := is.PasswordHash != was.PasswordHash
	switch {
	case is.Disabled:
		ends.KeepSession = ""
		fallthrough
	case renewed:
		err = t.endSessions(is.ID, ends.KeepSession)
	}
	if err != nil || !renewed || !ends.Keys {
		return 0, err
	}
	t.changed(Change{User: is.ID, Keys: true})
	keys, err = t.exec("update key set revoked_at = ? where user_id = ? and revoked_at is null", t.d.now().UnixMilli(), is.ID)
	if err != nil {
		return 0, err
	}
	return keys, t.endKeyed(is.ID)
}

// auditChanges adds a line for each thing that has changed.
func (t *Tx) auditChanges(by []By, was, is User, revoked int64) error {
	own := len(by) > 0 && by[0].ID == is.ID
	for _, e := range []struct {
		there        bool
		verb, detail string
	}{
		{is.Username != was.Username, "account.rename", was.Username + " to " + is.Username},
		{FoldEmail(is.Email) != was.Email, "account.email", was.Email + " to " + FoldEmail(is.Email)},
		{is.IsAdmin && !was.IsAdmin, "account.promote", ""},
		{!is.IsAdmin && was.IsAdmin, "account.demote", ""},
		{is.Disabled && !was.Disabled, "account.disable", ""},
		{!is.Disabled && was.Disabled, "account.enable", ""},
		{is.PasswordHash != was.PasswordHash && own, "account.password", keysRevoked(revoked)},
		{is.PasswordHash != was.PasswordHash && !own, "account.password_reset", keysRevoked(revoked)},
	} {
		if !e.there {
			continue
		}
		if err := t.auditAccount(by, e.verb, &is, e.detail); err != nil {
			return err
		}
	}
	return nil
}

func keysRevoked(n int64) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 API key revoked"
	}
	return strconv.FormatInt(n, 10) + " API keys revoked"
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
	err = t.row(hasAdmin).Scan(&there)
	return there, err
}

// DeleteUser removes an account with its topics, keys and sessions; ErrLast for the last enabled admin.
func (d *DB) DeleteUser(id string, by ...By) error {
	return d.write(func(tx *Tx) error {
		u, err := scanUser(tx.row("select "+userFields+" from user where id = ?", id))
		if err != nil {
			return err
		}
		if err := tx.keepAdmin(func() error { return tx.deleteUser(id) }); err != nil {
			return err
		}
		return tx.auditAccount(by, "account.delete", &u, u.Email)
	})
}

func (t *Tx) deleteUser(id string) error {
	t.changed(Change{User: id})
	rows, err := t.query("select id from topic where owner_id = ?", id)
	topics, err := collect(rows, err, scanValue[int64])
	if err != nil {
		return err
	}
	for _, topic := range topics {
		if err := t.dropTopic(topic); err != nil {
			return err
		}
	}
	n, err := t.exec("delete from user where id = ?", id)
	return someRow(n, err)
}
