package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
	"notifer/server/auth/totp"
)

// Demand says who must have a second factor.
type Demand string

// The demands.
const (
	DemandNone   Demand = "nobody"
	DemandAdmins Demand = "admins"
	DemandAll    Demand = "everyone"
)

// FactorDemanded reports whether an account has to have a second factor.
func (a *Auth) FactorDemanded(u *db.User) bool {
	return a.o.SecondFactor == DemandAll || a.o.SecondFactor == DemandAdmins && u.IsAdmin
}

// unfinished is what the owner of a session has to do before anything else, nil when nothing. A paired device has its key for that.
func (a *Auth) unfinished(s *sessionRecord) *Refusal {
	u := &s.User
	switch {
	case s.KeyID != "":
		return nil
	case u.MustChange:
		r := forbidden(OwesPassword, "this account's password was set by another person: choose a new one first")
		r.Hint = "POST /auth/password, or sign in to the dashboard."
		return r
	case !u.Factor && a.FactorDemanded(u):
		r := forbidden(OwesFactor, "this server demands a second factor: turn it on first")
		r.Hint = "POST /auth/second-factor, or sign in to the dashboard."
		return r
	}
	return nil
}

// Unfinished is why the caller's session reaches nothing but a few routes, nil when it is a whole one.
func (a *Auth) Unfinished(p *Principal) error {
	if p == nil || p.session == nil {
		return nil
	}
	if r := a.unfinished(p.session); r != nil {
		return r
	}
	return nil
}

// Wrong codes are bounded for each account, from wherever they come: they are guesses of an attacker who knows the password, and
// one in 330,000 is right. A browser that has signed in to the account before has tries of its own, and recovery codes cannot
// be guessed and are not bounded, so nobody is locked out.
const (
	codesBurst  = 20
	codesRefill = 10 * time.Minute
)

// ErrCodes says that too many wrong codes of an account were tried.
var ErrCodes = errors.New("too many wrong codes for this account: use a recovery code, or wait ten minutes")

// CodeUse is what a code of a second factor was.
type CodeUse struct {
	Recovery bool // it was a recovery code, which is used up
	Left     int  // recovery codes that are left
}

// CheckCode proves a code of an account's second factor: of the authenticator app, or a recovery code. Either works once. The
// refusal of a wrong code says no more than that of a code that was used.
func (a *Auth) CheckCode(ctx context.Context, u *db.User, code string) (CodeUse, error) {
	code = totp.Clean(code)
	caller, _ := ctx.Value(callerKey{}).(Caller)
	if len(code) != totp.Digits {
		return a.checkRecovery(ctx, u, code, caller)
	}
	name := u.ID
	if caller.Device == u.ID {
		name = "device " + u.ID
	}
	tries := a.codes.Get(name, a.d.Now())
	if !tries.Allow() {
		return CodeUse{}, ErrCodes
	}
	f, err := a.d.SecondFactor(ctx, u.ID)
	if errors.Is(err, db.ErrNotFound) {
		return CodeUse{}, wrongCode(u)
	}
	if err != nil {
		return CodeUse{}, err
	}
	step, ok := totp.Match(f.Secret, code, a.d.Now())
	if ok {
		err = a.d.UseCode(u.ID, step)
		ok = !errors.Is(err, db.ErrNotFound)
	}
	if !ok {
		return CodeUse{}, wrongCode(u)
	}
	tries.AllowN(time.Now(), -1) // a right code gives its try back: it is taken first, so that guesses in parallel have no more
	return CodeUse{}, err
}

func (a *Auth) checkRecovery(ctx context.Context, u *db.User, code string, from Caller) (CodeUse, error) {
	if len(code) != totp.RecoveryLength {
		return CodeUse{}, wrongCode(u)
	}
	fp := secrets.FingerprintOf(code)
	left, err := a.d.UseRecoveryCode(u, fp[:], db.By{ID: u.ID, Name: u.Username, Address: db.AddressText(from.Address)})
	if errors.Is(err, db.ErrNotFound) {
		return CodeUse{}, wrongCode(u)
	}
	return CodeUse{Recovery: true, Left: left}, err
}

// WrongCode is what the caller is told of a wrong code, and of one that was used.
const WrongCode = "the code is wrong, too old or was used before"

func wrongCode(u *db.User) error {
	return &Refusal{Kind: ErrUnauthenticated, Reason: BadCode, Detail: WrongCode, UserID: u.ID, Username: u.Username}
}

// NewFactorSecret is the secret that an account would get from a session now. It is not kept anywhere until a code proves it;
// it is the same until then, so that a page can be loaded again.
func (a *Auth) NewFactorSecret(u *db.User, session string) []byte {
	return a.mac("second factor", u.ID, session, strconv.Itoa(u.FactorCount))[:totp.SecretSize]
}

// EnableFactor gives an account the second factor of NewFactorSecret when the code is one of it, and returns its recovery
// codes, which are kept nowhere. It ends the other sessions.
func (a *Auth) EnableFactor(ctx context.Context, u *db.User, session, code string, by db.By) ([]string, error) {
	secret := a.NewFactorSecret(u, session)
	step, ok := totp.Match(secret, totp.Clean(code), a.d.Now())
	if !ok {
		return nil, wrongCode(u)
	}
	codes, hashes := recoveryCodes()
	return codes, a.d.EnableSecondFactor(u, db.SecondFactor{Secret: secret, LastStep: step}, hashes, session, by)
}

// recoveryCodes makes a set of recovery codes, and what is kept of them.
func recoveryCodes() (codes []string, hashes [][]byte) {
	codes = totp.RecoveryCodes()
	for _, c := range codes {
		fp := secrets.FingerprintOf(totp.Clean(c))
		hashes = append(hashes, fp[:])
	}
	return codes, hashes
}

// RenewRecoveryCodes replaces an account's recovery codes.
func (a *Auth) RenewRecoveryCodes(u *db.User, by db.By) ([]string, error) {
	codes, hashes := recoveryCodes()
	return codes, a.d.RenewRecoveryCodes(u, hashes, by)
}

// mac is a value that only this server, or the holder of a copy of its store, can make, of parts in their order.
func (a *Auth) mac(purpose string, parts ...string) []byte { return macOf(a.jwtKey, purpose, parts...) }

func macOf(key []byte, purpose string, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	for _, p := range parts {
		mac.Write([]byte("\x00" + p))
	}
	return mac.Sum(nil)
}

// passedFor is how long the code may follow the password.
const passedFor = 10 * time.Minute

// PasswordPassed is a text that proves that an account's password was right, for the form that asks for the code. It opens
// nothing by itself, and ends with the password and with the process.
func (a *Auth) PasswordPassed(u *db.User) string {
	until := strconv.FormatInt(a.d.Now().Add(passedFor).Unix(), 10)
	return u.ID + "." + until + "." + base64.RawURLEncoding.EncodeToString(macOf(a.passKey, "password passed", u.ID, until, u.PasswordHash))
}

// PassedAccount is the account whose password was right, by the text of PasswordPassed.
func (a *Auth) PassedAccount(ctx context.Context, text string) (db.User, error) {
	late := unauthenticated(BadSession, "the sign-in took too long: begin again")
	part := strings.Split(text, ".")
	if len(part) != 3 {
		return db.User{}, late
	}
	u, err := a.d.User(ctx, part[0])
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.User{}, err
	}
	until, _ := strconv.ParseInt(part[1], 10, 64)
	want := base64.RawURLEncoding.EncodeToString(macOf(a.passKey, "password passed", u.ID, part[1], u.PasswordHash))
	if !hmac.Equal([]byte(part[2]), []byte(want)) || u.ID == "" || u.Disabled || a.d.Now().Unix() > until {
		return db.User{}, late
	}
	return u, nil
}
