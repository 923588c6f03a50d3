package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
)

const (
	setupSetting = "setup_code"
	setupTTL     = 15 * time.Minute
)

// NewSetupCode makes a fresh one-time code for the first admin; db.ErrSetUp once there is one. An earlier code stops
// working.
func NewSetupCode(ctx context.Context, d *db.DB) (string, error) {
	there, err := d.HasAdmin(ctx)
	if err != nil {
		return "", err
	}
	if there {
		return "", db.ErrSetUp
	}
	code := secrets.New()
	fp := secrets.FingerprintOf(code)
	value := strconv.FormatInt(d.Now().Add(setupTTL).UnixMilli(), 10) + ":" + string(fp[:])
	return code, d.SetSetting(setupSetting, []byte(value))
}

// NewSetupCode is the function of that name for the server's own process. Its code ends by the time that passes here: a
// machine without a battery sets its clock after the code was printed.
func (a *Auth) NewSetupCode(ctx context.Context) (string, error) {
	code, err := NewSetupCode(ctx, a.d)
	if err == nil {
		a.setup.Store(&setupCode{secrets.FingerprintOf(code), a.clock.Running() + setupTTL})
	}
	return code, err
}

// setupCode is a code that this process made, and the running time at which it ends.
type setupCode struct {
	fp   secrets.Fingerprint
	ends time.Duration
}

// CheckSetupCode proves a setup code without using it up.
func (a *Auth) CheckSetupCode(ctx context.Context, code string) error {
	bad := unauthenticated(UnknownSecret, "the setup link is wrong, used or older than 15 minutes: run `notifer setup-link` for a new one")
	value, err := a.d.Setting(ctx, setupSetting)
	if errors.Is(err, db.ErrNotFound) {
		return bad
	}
	if err != nil {
		return err
	}
	until, want, _ := strings.Cut(string(value), ":")
	ms, err := strconv.ParseInt(until, 10, 64)
	got := secrets.FingerprintOf(code)
	over := a.Now().UnixMilli() >= ms
	if own := a.setup.Load(); own != nil && own.fp == got {
		over = a.clock.Running() >= own.ends
	}
	if err != nil || over || subtle.ConstantTimeCompare([]byte(want), got[:]) != 1 {
		return bad
	}
	return nil
}

// Setup makes the first admin with a setup code, which is used up. Of two at once, one wins.
func (a *Auth) Setup(ctx context.Context, code string, admin *db.User, by db.By) error {
	if err := a.CheckSetupCode(ctx, code); err != nil {
		return err
	}
	if err := a.d.CreateFirstAdmin(admin, by); err != nil {
		return err
	}
	return a.d.DeleteSetting(setupSetting)
}
