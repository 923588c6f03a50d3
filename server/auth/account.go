package auth

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth/passwords"
	"notifer/server/auth/secrets"
	"notifer/server/plaintext"
)

// The kinds of refusal of what a request asks for, beside ErrForbidden and ErrNotFound. Errors wrap them with a text that
// says what to change.
var (
	ErrInvalid   = errors.New("invalid value")
	ErrMalformed = errors.New("malformed request")
	ErrConflict  = errors.New("conflict")
	ErrTooLarge  = errors.New("too large")
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

var usernames = regexp.MustCompile(`^[a-z0-9_-]{3,32}$`)

// CheckAccount proves the form of an email address and a username.
func CheckAccount(email, username string) error {
	if err := CheckEmail(email); err != nil {
		return err
	}
	return CheckUsername(username)
}

// CheckEmail proves the form of an email address.
func CheckEmail(email string) error {
	unseen := func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }
	if a, err := mail.ParseAddress(email); err != nil || a.Address != strings.TrimSpace(email) || len(email) > 254 || strings.ContainsFunc(a.Address, unseen) {
		return invalid("email must be one plain address such as ada@home.example")
	}
	return nil
}

// actors are what the activity log calls those that are no account.
var actors = []string{"anonymous", "configuration"}

// ReservedUsername reports whether an account of this name would look like none in the activity log.
func ReservedUsername(name string) bool { return slices.Contains(actors, name) }

// CheckUsername proves the form of a username.
func CheckUsername(username string) error {
	if !usernames.MatchString(username) {
		return invalid("username must be 3 to 32 of a-z, 0-9, - and _")
	}
	if ReservedUsername(username) {
		return invalid("the username %s is reserved: the activity log uses it", username)
	}
	return nil
}

// Bounds of a password, in characters.
const (
	MinPassword = passwords.Min
	MaxPassword = passwords.Max
)

// CheckPassword proves that a new password is of a fit length and not easy to guess. The account's own words are its email
// address and its username.
func CheckPassword(password string, own ...string) error {
	if weakness := passwords.Weakness(password, own...); weakness != "" {
		return invalid("%s", weakness)
	}
	return nil
}

// HashPassword makes the stored form of a password; the password must have been checked.
func (a *Auth) HashPassword(ctx context.Context, password string) (string, error) {
	return a.hasher.Hash(ctx, password)
}

// SamePassword reports whether a password is the one that an account has.
func (a *Auth) SamePassword(ctx context.Context, u *db.User, password string) (bool, error) {
	return a.hasher.VerifyPassword(ctx, password, u.PasswordHash, "")
}

// VerifyPassword checks a sign-in and returns its account. An unknown account, a disabled one and a wrong password take the same
// time and give the same text. The reason separates a disabled account from a wrong password; it is given for the right
// password only. A right password whose hash has outdated costs gets a new hash.
func (a *Auth) VerifyPassword(ctx context.Context, login, password string) (db.User, error) {
	u, err := a.d.UserByLogin(ctx, login)
	unknown := errors.Is(err, db.ErrNotFound)
	if err != nil && !unknown {
		return db.User{}, err
	}
	decoy, err := a.d.DecoyHash(ctx, a.decoy(login)) // asked for in any case: the time must not differ by it
	if err != nil {
		return db.User{}, err
	}
	if utf8.RuneCountInString(password) > passwords.Max {
		password = ""
	}
	hash := u.PasswordHash
	if unknown {
		hash = a.hasher.Unmatchable(decoy)
	}
	caller, _ := ctx.Value(callerKey{}).(Caller)
	lane := cmp.Or(db.NetworkOf(caller.Address), "unknown") // tries from one network wait for each other
	account := a.tries.Get(triedName(login), time.Now())
	if caller.Device != "" && caller.Device == u.ID {
		lane, account = "", a.tries.Get("device "+u.ID, time.Now())
	}
	if !caller.Waited {
		if err := slowDown(ctx, account); err != nil {
			return db.User{}, err
		}
	}
	ok, err := a.hasher.VerifyPassword(ctx, password, hash, lane)
	if err != nil {
		return db.User{}, err
	}
	if !ok || unknown {
		account.Allow()
	}
	switch {
	case !ok || unknown:
		return db.User{}, wrongPassword(BadSession, &u)
	case u.Disabled:
		return db.User{}, wrongPassword(OwnerDisabled, &u)
	}
	return u, a.renewHash(ctx, &u, password)
}

func wrongPassword(reason Reason, u *db.User) error {
	return &Refusal{Kind: ErrUnauthenticated, Reason: reason, Detail: "email or password is wrong", UserID: u.ID, Username: u.Username}
}

// decoy picks the account whose costs of hashing an unknown login takes, always the same for the same login: accounts may have
// hashes of several costs, and the time for an unknown one must be distributed as theirs.
func (a *Auth) decoy(login string) uint32 {
	return binary.BigEndian.Uint32(a.mac("decoy " + db.FoldEmail(login)))
}

// renewHash gives an account a hash of the present costs. A store that cannot be written keeps the old one.
func (a *Auth) renewHash(ctx context.Context, u *db.User, password string) error {
	if a.hasher.Current(u.PasswordHash) {
		return nil
	}
	hash, err := a.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.d.RenewPasswordHash(u.ID, u.PasswordHash, hash)
	if errors.Is(err, db.ErrFull) || errors.Is(err, db.ErrIO) || errors.Is(err, db.ErrNotFound) {
		return nil
	}
	u.PasswordHash = hash
	return err
}

// Grant is what a sign-in yields: a cookie's secret, or a JWT and a refresh token. None contains a part of another.
type Grant struct {
	User    db.User
	Session db.Session
	SID     string        // the cookie's secret, empty for the API
	Access  string        // the JWT of the API
	Refresh string        // the refresh token of the API
	TTL     time.Duration // of Access
}

// SessionKind is what a sign-in yields, in the word of the activity log.
type SessionKind string

// The kinds.
const (
	APISession    SessionKind = "API"       // a JWT and a refresh token
	BrowserCookie SessionKind = "dashboard" // the secret of a cookie
)

// SignIn makes a session for an account as it was when its password was checked; it is refused when the password has changed
// or the account was disabled since.
func (a *Auth) SignIn(ctx context.Context, u db.User, agent, address string, kind SessionKind) (Grant, error) {
	return a.SignInAgain(ctx, u, agent, address, kind, nil)
}

// SignInAgain is SignIn in a browser that has a session already, which ends; nil is none. Events are added to the activity log.
func (a *Auth) SignInAgain(ctx context.Context, u db.User, agent, address string, kind SessionKind, before *db.Session, events ...db.Audit) (Grant, error) {
	g := Grant{User: u, TTL: a.o.AccessTTL}
	// Not the store's clock, which may have been set back: the session would have begun too long ago.
	now := a.Now()
	g.Session = db.Session{UserID: u.ID, Agent: agentText(agent), Address: address, CreatedAt: now,
		ExpiresAt: now.Add(min(a.o.RefreshTTL, a.o.SessionMax)), Replaces: before}
	fp := secrets.Fingerprint(secrets.NewBytes(len(secrets.Fingerprint{}))) // of no secret
	if kind == APISession {
		g.Refresh = secrets.New()
		rp := secrets.FingerprintOf(g.Refresh)
		g.Session.RefreshHash = rp[:]
	} else {
		g.SID = secrets.New()
		fp = secrets.FingerprintOf(g.SID)
	}
	g.Session.SIDHash = fp[:]
	signedIn := db.AccountEvent(db.By{ID: u.ID, Name: u.Username, Address: address}, "account.sign_in", &u, string(kind))
	err := a.d.CreateSession(&g.Session, u.PasswordHash, append(events, signedIn)...)
	if errors.Is(err, db.ErrNotFound) {
		return Grant{}, wrongPassword(BadSession, &u)
	}
	if err != nil {
		return Grant{}, err
	}
	if kind == APISession {
		g.Access, err = a.mint(u.ID, g.Session.ID)
	}
	return g, err
}

// agentText is the User-Agent of a sign-in as sessions hold it.
func agentText(agent string) string { return plaintext.Cut(strings.ToValidUTF8(agent, ""), 200) }

// nextRefresh returns the one refresh token that follows another. If it were random, a second trade of the same token, by another tab or
// after a lost reply, would end what the first one gave.
func (a *Auth) nextRefresh(refresh string) string {
	return base64.RawURLEncoding.EncodeToString(a.mac("refresh " + refresh))
}

// oldRefresh is the length of the refresh tokens of the first releases, which began with a secret of their session.
const oldRefresh = 2*secrets.PlainLength + 1

// Refresh trades a refresh token for a new pair; the old one dies, but may be repeated for a minute in case the reply
// was lost.
func (a *Auth) Refresh(ctx context.Context, refresh string) (Grant, error) {
	bad := unauthenticated(BadSession, "the refresh token is not valid or was used before: sign in again")
	if len(refresh) != secrets.PlainLength && len(refresh) != oldRefresh {
		return Grant{}, bad
	}
	next := a.nextRefresh(refresh)
	oldFP, nextFP := secrets.FingerprintOf(refresh), secrets.FingerprintOf(next)
	s, err := a.d.Refresh(oldFP[:], nextFP[:], time.Minute, a.Now().Add(a.o.RefreshTTL), a.o.SessionMax)
	if errors.Is(err, db.ErrNotFound) {
		return Grant{}, bad
	}
	if err != nil {
		return Grant{}, err
	}
	u, err := a.d.User(ctx, s.UserID)
	if err != nil {
		return Grant{}, err
	}
	if u.Disabled || a.clock.Passed(s.ID+" longest", s.CreatedAt.Add(a.o.SessionMax)) {
		return Grant{}, bad
	}
	a.rights.drop([]db.Change{{User: s.UserID}}) // the session's expiry has moved
	g := Grant{User: u, Session: s, Refresh: next, TTL: a.o.AccessTTL}
	g.Access, err = a.mint(u.ID, s.ID)
	return g, err
}
