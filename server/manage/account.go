package manage

import (
	"context"
	"errors"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

// AccountValues are what is said about a new account.
type AccountValues struct {
	Email, Username, Password string
	PasswordHash              string // of a declared account, in place of a password
	Admin, Disabled           bool
}

// CheckAccount proves the values of a new account without making it.
func CheckAccount(v AccountValues) error {
	v.trim()
	return v.check().or()
}

func (v *AccountValues) trim() {
	v.Email, v.Username = strings.TrimSpace(v.Email), strings.TrimSpace(v.Username)
}

func (v *AccountValues) check() Problems {
	var p Problems
	p.add(ruleOf("email", auth.CheckEmail(v.Email)))
	p.add(ruleOf("username", auth.CheckUsername(v.Username)))
	if v.PasswordHash == "" {
		p.add(ruleOf("password", auth.CheckPassword(v.Password, v.Email, v.Username)))
	}
	return p
}

// ruleOf is a refusal of package auth as one of ours.
func ruleOf(field string, err error) error {
	if err == nil {
		return nil
	}
	return invalid(field, "%s", strings.TrimPrefix(err.Error(), auth.ErrInvalid.Error()+": "))
}

// CreateAccount makes an account.
func (m *Manager) CreateAccount(ctx context.Context, v AccountValues) (db.User, error) {
	v.trim()
	if err := v.check().or(); err != nil {
		return db.User{}, err
	}
	u, err := m.register(ctx, v)
	if err != nil {
		return u, accountTaken(err)
	}
	if v.Disabled {
		return m.d.UpdateUser(u.ID, func(u *db.User) error { u.Disabled = true; return nil })
	}
	return u, nil
}

func (m *Manager) register(ctx context.Context, v AccountValues) (db.User, error) {
	if v.PasswordHash == "" {
		return m.auth.Register(ctx, v.Email, v.Username, v.Password, v.Admin)
	}
	u := db.User{Email: v.Email, Username: v.Username, PasswordHash: v.PasswordHash, IsAdmin: v.Admin}
	return u, m.d.CreateUser(&u)
}

// SetUp makes the first admin with the code of the setup link.
func (m *Manager) SetUp(ctx context.Context, code string, v AccountValues) (db.User, error) {
	v.trim()
	if err := m.auth.CheckSetupCode(ctx, code); err != nil {
		return db.User{}, err
	}
	if err := v.check().or(); err != nil {
		return db.User{}, err
	}
	u, err := m.auth.Setup(ctx, code, v.Email, v.Username, v.Password)
	return u, accountTaken(err)
}

func accountTaken(err error) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return conflict("username", "the e-mail address or the username is taken")
	case errors.Is(err, db.ErrLast):
		return conflict("", "the last admin can be neither deleted, disabled nor made an ordinary user: make another admin first")
	}
	return err
}

// AccountChange is what is said about an account that exists; a nil field is not named.
type AccountChange struct {
	Email    *string // never changes
	Username *string
	Password *string
	Admin    *bool
	Disabled *bool
}

// UpdateAccount changes the fields that the change names.
func (m *Manager) UpdateAccount(ctx context.Context, id string, v AccountChange) (db.User, error) {
	hash, err := m.newHash(ctx, id, v.Password)
	if err != nil {
		return db.User{}, err
	}
	u, err := m.d.UpdateUser(id, func(u *db.User) error {
		if v.Email != nil && db.FoldEmail(*v.Email) != u.Email {
			return invalid("email", "the e-mail address never changes")
		}
		set(&u.IsAdmin, v.Admin)
		set(&u.Disabled, v.Disabled)
		if hash != "" {
			u.PasswordHash = hash
		}
		if v.Username == nil {
			return nil
		}
		u.Username = strings.TrimSpace(*v.Username)
		return ruleOf("username", auth.CheckUsername(u.Username))
	})
	return u, accountTaken(err)
}

// SetPassword gives an account another password and ends its sessions but one, of which the id is given, and with revokeKeys
// its API keys, which whoever knew the old password may have made.
func (m *Manager) SetPassword(ctx context.Context, id, password, keepSession string, revokeKeys bool) error {
	hash, err := m.newHash(ctx, id, &password)
	if err != nil {
		return err
	}
	return m.d.SetPassword(id, hash, keepSession, revokeKeys)
}

// newHash is the stored form of a new password of an account, empty when none is named.
func (m *Manager) newHash(ctx context.Context, id string, password *string) (string, error) {
	if password == nil {
		return "", nil
	}
	u, err := m.d.User(ctx, id)
	if err != nil {
		return "", err
	}
	if err := ruleOf("password", auth.CheckPassword(*password, u.Email, u.Username)); err != nil {
		return "", err
	}
	return m.auth.HashPassword(ctx, *password)
}

// DeleteAccount removes an account with its topics; the last admin stays.
func (m *Manager) DeleteAccount(id string) error { return accountTaken(m.d.DeleteUser(id)) }

// APIUser is an account in the form of the contract.
func APIUser(u *db.User) api.User {
	return api.User{ID: u.ID, Email: u.Email, Username: u.Username, IsAdmin: u.IsAdmin, Disabled: u.Disabled,
		SubscriptionTier: api.Tier, CreatedAt: api.At(u.CreatedAt), LastLoginAt: api.AtPtr(u.LastLoginAt)}
}
