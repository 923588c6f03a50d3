package manage

import (
	"context"
	"errors"
	"strings"

	"notifer/db"
	"notifer/server/auth"
)

// AccountValues are the fields of a new account.
type AccountValues struct {
	Email, Username, Password string
	PasswordHash              string // of a declared account, in place of a password
	Admin, Disabled           bool
	MustChange                bool  // a new password must be chosen at the first sign-in
	By                        db.By // who makes it; without id and name the account does, by registering
}

// CheckAccount proves the values of a new account without making it.
func (m *Manager) CheckAccount(v AccountValues) error {
	v.trim()
	return m.checkAccount(v).or()
}

// CheckPassword proves that an account may have a new password: 8 to 128 characters that are not easy to guess for it.
func (m *Manager) CheckPassword(password string, u *db.User) error {
	return ruleOf("password", auth.CheckPassword(password, u.Email, u.Username, m.rules.Host))
}

func (v *AccountValues) trim() {
	v.Email, v.Username = strings.TrimSpace(v.Email), strings.TrimSpace(v.Username)
}

func (m *Manager) checkAccount(v AccountValues) Errors {
	var p Errors
	p.add(ruleOf("email", auth.CheckEmail(v.Email)))
	p.add(ruleOf("username", auth.CheckUsername(v.Username)))
	if v.PasswordHash == "" {
		p.add(m.CheckPassword(v.Password, &db.User{Email: v.Email, Username: v.Username}))
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

// CreateAccount makes an account and hashes its password, which may take as long as a sign-in. A name or an address that is taken is a
// conflict.
func (m *Manager) CreateAccount(ctx context.Context, v AccountValues) (db.User, error) {
	v.trim()
	if err := m.checkAccount(v).or(); err != nil {
		return db.User{}, err
	}
	u, err := m.newAccount(ctx, v)
	if err == nil {
		err = m.d.CreateUser(&u, v.By)
	}
	return u, accountTaken(err)
}

// newAccount is an account of these values, with its password hashed.
func (m *Manager) newAccount(ctx context.Context, v AccountValues) (u db.User, err error) {
	u = db.User{Email: v.Email, Username: v.Username, PasswordHash: v.PasswordHash, IsAdmin: v.Admin, Disabled: v.Disabled, MustChange: v.MustChange}
	if u.PasswordHash == "" {
		u.PasswordHash, err = m.auth.HashPassword(ctx, v.Password)
	}
	return u, err
}

// SetUp makes the first admin with the code of the setup link. A wrong or used code is an auth.Refusal, and db.ErrSetUp says that there is
// an admin by now.
func (m *Manager) SetUp(ctx context.Context, code string, v AccountValues) (db.User, error) {
	v.trim()
	if err := m.auth.CheckSetupCode(ctx, code); err != nil {
		return db.User{}, err
	}
	if err := m.checkAccount(v).or(); err != nil {
		return db.User{}, err
	}
	v.Admin = true
	u, err := m.newAccount(ctx, v)
	if err == nil {
		err = m.auth.Setup(ctx, code, &u, v.By)
	}
	return u, accountTaken(err)
}

func accountTaken(err error) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return conflict("username", "the email address or the username is taken")
	case errors.Is(err, db.ErrLast):
		return conflict("", "the last admin can be neither deleted, disabled nor made an ordinary user: make another admin first")
	}
	return err
}

// AccountChange is a change of an account; a nil field stays as it is.
type AccountChange struct {
	Email    *string
	Username *string
	Password *string
	Admin    *bool
	Disabled *bool
	Proven   bool // the caller has given the account's password, which another email address demands
	AsAdmin  bool // by an admin's right, without the account's password: not the password or email of the admin's own

	By db.By // who changes it

	// of a new password
	KeepSession string // id of the session that goes on
	RevokeKeys  bool   // the API keys end too: an intruder who knew the old password may have made them
	Final       bool   // it stays although another person has chosen it
}

// UpdateAccount changes the fields that the change names. A new password ends the account's sessions. One that another person
// has chosen lets its owner do nothing but choose another, unless the change says that it is final.
func (m *Manager) UpdateAccount(ctx context.Context, id string, v AccountChange) (db.User, error) {
	hash, err := m.newHash(ctx, id, v)
	if err != nil {
		return db.User{}, err
	}
	u, err := m.d.ChangeUser(id, func(u *db.User) error {
		if err := v.email(u); err != nil {
			return err
		}
		was := *u
		set(&u.IsAdmin, v.Admin)
		set(&u.Disabled, v.Disabled)
		if v.By.ID == id && (u.IsAdmin != was.IsAdmin || u.Disabled != was.Disabled) {
			return conflict("", "only another admin can change is_admin and disabled of your account")
		}
		if hash != "" {
			u.PasswordHash, u.MustChange = hash, v.By.ID != id && !v.Final
		}
		if v.Username == nil {
			return nil
		}
		u.Username = strings.TrimSpace(*v.Username)
		return ruleOf("username", auth.CheckUsername(u.Username))
	}, db.Ends{KeepSession: v.KeepSession, Keys: v.RevokeKeys}, v.By)
	return u, accountTaken(err)
}

// email changes the address, with which the account signs in.
func (v AccountChange) email(u *db.User) error {
	if v.Email == nil || db.FoldEmail(*v.Email) == u.Email {
		return nil
	}
	if err := v.ofOthers(u.ID); err != nil {
		return err
	}
	if !v.Proven && !v.AsAdmin {
		return invalid("current_password", "another email address needs the account's password")
	}
	u.Email = db.FoldEmail(*v.Email)
	return ruleOf("email", auth.CheckEmail(u.Email))
}

// ofOthers refuses to an admin what needs the old password: whoever finds the admin's session could lock its owner out.
func (v AccountChange) ofOthers(id string) error {
	if v.AsAdmin && v.By.ID == id {
		return conflict("", "your own password and email change with the current password only: use POST /auth/password or PATCH /api/users/me")
	}
	return nil
}

// newHash is the stored form of a new password of an account, empty when none is named.
func (m *Manager) newHash(ctx context.Context, id string, v AccountChange) (string, error) {
	if v.Password == nil {
		return "", nil
	}
	if err := v.ofOthers(id); err != nil {
		return "", err
	}
	u, err := m.d.User(ctx, id)
	if err != nil {
		return "", err
	}
	if err := m.CheckPassword(*v.Password, &u); err != nil {
		return "", err
	}
	if u.MustChange && v.By.ID == id {
		same, err := m.auth.SamePassword(ctx, &u, *v.Password)
		if err != nil {
			return "", err
		}
		if same {
			return "", invalid("password", "this is the password that was set for you: choose another one")
		}
	}
	return m.auth.HashPassword(ctx, *v.Password)
}

// EnabledAdmins are the ids of the accounts that can administer the server. The last one can be neither deleted, disabled nor made an
// ordinary user.
func (m *Manager) EnabledAdmins(ctx context.Context) (map[string]bool, error) {
	list, err := m.d.Users(ctx)
	admins := map[string]bool{}
	for _, u := range list {
		if u.IsAdmin && !u.Disabled {
			admins[u.ID] = true
		}
	}
	return admins, err
}

// DeleteAccount removes the account of somebody else with its topics, messages, tokens, keys and sessions, and closes their streams. The
// last admin and the caller's own account are a conflict, an unknown account is db.ErrNotFound.
func (m *Manager) DeleteAccount(id string, by db.By) error {
	if by.ID == id {
		return conflict("", "your own account is deleted with your password only: use DELETE /api/users/me")
	}
	return accountTaken(m.d.DeleteUser(id, by))
}

// DeleteOwnAccount does that to the caller's own account. The caller has given its password.
func (m *Manager) DeleteOwnAccount(by db.By) error { return accountTaken(m.d.DeleteUser(by.ID, by)) }
