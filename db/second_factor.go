package db

import (
	"context"
	"strconv"
	"time"
)

// SecondFactor is the secret of an account's authenticator app.
type SecondFactor struct {
	Secret    []byte
	LastStep  int64 // period of the last code that was accepted (RFC 6238): no code of it or before works again
	CreatedAt time.Time
	Codes     int // recovery codes that are left
}

// SecondFactor reads an account's second factor, or ErrNotFound.
func (d *DB) SecondFactor(ctx context.Context, user string) (SecondFactor, error) {
	var f SecondFactor
	var created int64
	err := d.row(ctx, `
		select secret, last_step, created_at, (select count(*) from recovery_code where user_id = ?1)
		from second_factor
		where user_id = ?1`, user).Scan(&f.Secret, &f.LastStep, &created, &f.Codes)
	f.CreatedAt = time.UnixMilli(created)
	return f, notFound(err)
}

// EnableSecondFactor gives an account a second factor, of which the code of a step was used, and the hashes of its recovery
// codes. It ends the account's sessions but the one to keep. ErrTaken when there is one already.
func (d *DB) EnableSecondFactor(u *User, f SecondFactor, codes [][]byte, keepSession string, by ...By) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: u.ID})
		_, err := tx.exec("insert into second_factor (user_id, secret, last_step, created_at) values (?, ?, ?, ?)",
			u.ID, f.Secret, f.LastStep, tx.d.now().UnixMilli())
		if err == nil {
			_, err = tx.exec("update user set factor_count = factor_count + 1 where id = ?", u.ID)
		}
		if err == nil {
			err = tx.setRecoveryCodes(u.ID, codes)
		}
		if err == nil {
			err = tx.endSessions(u.ID, keepSession)
		}
		if err != nil {
			return err
		}
		return tx.auditAccount(by, "account.second_factor_on", u, "")
	})
}

func (t *Tx) setRecoveryCodes(user string, codes [][]byte) error {
	if _, err := t.exec("delete from recovery_code where user_id = ?", user); err != nil {
		return err
	}
	for _, hash := range codes {
		if _, err := t.exec("insert into recovery_code (user_id, hash) values (?, ?)", user, hash); err != nil {
			return err
		}
	}
	return nil
}

// RenewRecoveryCodes replaces the recovery codes of a second factor; ErrNotFound when there is none.
func (d *DB) RenewRecoveryCodes(u *User, codes [][]byte, by ...By) error {
	return d.write(func(tx *Tx) error {
		var there bool
		if err := tx.row("select exists (select 1 from second_factor where user_id = ?)", u.ID).Scan(&there); err != nil {
			return err
		}
		if !there {
			return ErrNotFound
		}
		if err := tx.setRecoveryCodes(u.ID, codes); err != nil {
			return err
		}
		return tx.auditAccount(by, "account.recovery_codes", u, "")
	})
}

// UseCode accepts the code of a step, once; ErrNotFound when it or a later one was accepted before.
func (d *DB) UseCode(user string, step int64) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("update second_factor set last_step = ?2 where user_id = ?1 and last_step < ?2", user, step)
		return someRow(n, err)
	})
}

// UseRecoveryCode accepts a recovery code by its hash, once, and returns how many are left; ErrNotFound when there is no such code.
func (d *DB) UseRecoveryCode(u *User, hash []byte, by ...By) (left int, err error) {
	err = d.write(func(tx *Tx) error {
		n, err := tx.exec("delete from recovery_code where user_id = ? and hash = ?", u.ID, hash)
		if err = someRow(n, err); err == nil {
			err = tx.row("select count(*) from recovery_code where user_id = ?", u.ID).Scan(&left)
		}
		if err != nil {
			return err
		}
		return tx.auditAccount(by, "account.recovery_code_used", u, strconv.Itoa(left)+" left")
	})
	return left, err
}

// DisableSecondFactor takes an account's second factor away, and ends its sessions but the one to keep; ErrNotFound when there
// is none.
func (d *DB) DisableSecondFactor(u *User, keepSession string, by ...By) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: u.ID})
		n, err := tx.exec("delete from second_factor where user_id = ?", u.ID)
		if err = someRow(n, err); err == nil {
			err = tx.endSessions(u.ID, keepSession)
		}
		if err != nil {
			return err
		}
		verb := "account.second_factor_reset"
		if len(by) > 0 && by[0].ID == u.ID {
			verb = "account.second_factor_off"
		}
		return tx.auditAccount(by, verb, u, "")
	})
}
