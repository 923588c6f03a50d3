package manage

import (
	"context"
	"errors"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/auth/totp"
)

// SecondFactor is the state of an account's second factor in the form of the contract.
func (m *Manager) SecondFactor(ctx context.Context, u *db.User) (api.SecondFactor, error) {
	out := api.SecondFactor{Required: m.auth.FactorDemanded(u)}
	f, err := m.d.SecondFactor(ctx, u.ID)
	if errors.Is(err, db.ErrNotFound) {
		return out, nil
	}
	out.Enabled, out.EnabledAt, out.RecoveryCodesLeft = err == nil, api.AtPtr(f.CreatedAt), f.Codes
	return out, err
}

// NewSecondFactor is what an account's app needs to make codes. It is the same for a session until a code has proved it.
func (m *Manager) NewSecondFactor(u *db.User, session string) (api.NewSecondFactor, error) {
	if u.Factor {
		return api.NewSecondFactor{}, errFactorOn
	}
	secret, issuer := m.auth.NewFactorSecret(u, session), "Notifer"
	if m.rules.Host != "" {
		issuer += " " + m.rules.Host
	}
	return api.NewSecondFactor{Secret: totp.Text(secret), URI: totp.URI(secret, issuer, u.Username)}, nil
}

var errFactorOn = conflict("", "the second factor is on already: turn it off first")

// EnableSecondFactor turns an account's second factor on when the code is one of NewSecondFactor, and returns its recovery
// codes. The account's other sessions end.
func (m *Manager) EnableSecondFactor(ctx context.Context, u *db.User, session, code string, by db.By) ([]string, error) {
	if u.Factor {
		return nil, errFactorOn
	}
	codes, err := m.auth.EnableFactor(ctx, u, session, code, by)
	if _, wrong := errors.AsType[*auth.Refusal](err); wrong {
		return nil, invalid("code", "the code is not one of this secret: compare the clocks of the app and of the server, and send the code that the app shows now")
	}
	if errors.Is(err, db.ErrTaken) {
		return nil, errFactorOn
	}
	return codes, err
}

// RenewRecoveryCodes gives an account ten new recovery codes; the old ones end.
func (m *Manager) RenewRecoveryCodes(u *db.User, by db.By) ([]string, error) {
	codes, err := m.auth.RenewRecoveryCodes(u, by)
	if errors.Is(err, db.ErrNotFound) {
		return nil, errFactorOff
	}
	return codes, err
}

var errFactorOff = conflict("", "the second factor is off")

// ResetSecondFactor turns the second factor of another account off. An admin's own needs password and code, elsewhere.
func (m *Manager) ResetSecondFactor(u *db.User, by db.By) error {
	if by.ID == u.ID {
		return conflict("", "your own second factor is turned off with your password and a code, on the account page")
	}
	return m.DisableSecondFactor(u, "", by)
}

// DisableSecondFactor turns an account's second factor off. Its sessions end but the one to keep. Where the server demands
// one, the next sign-in leads to switching it on again.
func (m *Manager) DisableSecondFactor(u *db.User, keepSession string, by db.By) error {
	err := m.d.DisableSecondFactor(u, keepSession, by)
	if errors.Is(err, db.ErrNotFound) {
		return errFactorOff
	}
	return err
}
