package request

import (
	"context"
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/auth"
)

// Guarded runs a check of a password, setup code, pairing code or refresh token. Failures empty the address's bucket; once it is empty
// every attempt waits its turn, so that a right secret still gets in while guessing crawls. A browser that has signed in before has a
// bucket of its own beside that of its address, which others may have emptied. What another site's page sends is refused and counts for
// nothing: it would lock out its reader.
func (s *Site) Guarded(c *Call, kind string, check func() error) error {
	if !safe(c.R.Method) {
		if err := s.requireOwnPage(c, fromOtherSite); err != nil {
			return err
		}
	}
	caller := auth.Caller{Address: c.Address, Device: s.device(c.R)}
	c.R = c.R.WithContext(auth.WithCaller(c.R.Context(), caller))
	key := Network(c.Address)
	bucket := s.limits.failures.Get(key, c.Began)
	throttled := bucket.TokensAt(c.Began) < 1
	if own := s.limits.devices.Get(caller.Device, c.Began); throttled && caller.Device != "" && own.TokensAt(c.Began) >= 1 {
		bucket, throttled = own, false
	}
	if throttled {
		ctx, cancel := context.WithTimeout(c.R.Context(), slowWait)
		defer cancel()
		if s.limits.slow.Get(key, c.Began).Wait(ctx) != nil {
			return tooManyFailures()
		}
		caller.Waited = true
		c.R = c.R.WithContext(auth.WithCaller(c.R.Context(), caller))
	}
	err := check()
	var r *auth.Refusal
	if errors.As(err, &r) {
		s.logAuthFailed(c, kind)
		s.noteFailure(c, kind, r)
		if !bucket.AllowN(c.Began, 1) || throttled {
			return tooManyFailures()
		}
	}
	return err
}

func tooManyFailures() error {
	return tooMany(failureRefill, "too many failed attempts from this address: try again in a minute")
}

// SignIn proves who signs in: by the password, and by the code of the second factor where the account has one. A code that comes
// beside the password is checked with it, and the answer does not say which of the two is wrong. Without one it fails with ErrCodeNeeded, and
// then u is the account.
func (s *Site) SignIn(c *Call, login, password, code string) (u db.User, use auth.CodeUse, err error) {
	err = s.Guarded(c, "password", func() (err error) {
		if u, err = s.Auth.VerifyPassword(c.R.Context(), login, password); err == nil && u.Factor && code != "" {
			use, err = s.Auth.CheckCode(c.R.Context(), &u, code)
		}
		if r, ok := errors.AsType[*auth.Refusal](err); ok && code != "" {
			both := *r
			both.Detail = "email, password or code is wrong"
			err = &both
		}
		return err
	})
	if err == nil && u.Factor && code == "" {
		err = ErrCodeNeeded
	}
	if err == nil {
		err = s.limitSignIns(c, u.ID)
	}
	return u, use, err
}

// ErrCodeNeeded says that the password was right and a code has to come with it.
var ErrCodeNeeded error = &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.CodeNeeded,
	Detail: "this account has a second factor: send the code of its app, or a recovery code, as code", Hint: "second_factor"}

// CheckCode proves a code of an account's second factor.
func (s *Site) CheckCode(c *Call, u *db.User, code string) (use auth.CodeUse, err error) {
	err = s.Guarded(c, "code", func() (err error) {
		use, err = s.Auth.CheckCode(c.R.Context(), u, code)
		return err
	})
	return use, err
}

// ConfirmOwner proves that the caller is the account's owner: by its password, and by the code of its second factor where the
// sign-in is not recent. What the form has proved on the way here is not asked for again. A refusal is a Problem with status 403 (see
// IsWrongCode), or 429 after too many.
func (s *Site) ConfirmOwner(c *Call, password, code string) error {
	return s.confirmOwner(c, password, code, s.Stale(c))
}

// ConfirmOwnerByCode is ConfirmOwner for what demands the code of the second factor also after a recent sign-in.
func (s *Site) ConfirmOwnerByCode(c *Call, password, code string) error {
	return s.confirmOwner(c, password, code, true)
}

func (s *Site) confirmOwner(c *Call, password, code string, needCode bool) error {
	u := c.Who.User()
	if c.proved {
		return nil
	}
	err := s.Guarded(c, "password", func() error {
		_, err := s.Auth.VerifyPassword(c.R.Context(), u.Email, password)
		return err
	})
	if _, ok := errors.AsType[*auth.Refusal](err); ok {
		return &Problem{Status: http.StatusForbidden, Detail: wrongPassword}
	}
	if err != nil || !u.Factor || !needCode {
		return err
	}
	if code == "" && c.Route.Kind == KindPage {
		return stale(&StaleError{}) // the page that asks has a field for it
	}
	if code == "" {
		return &Problem{Status: http.StatusForbidden, Detail: "the code of the second factor is needed: send it as code", Err: errWrongCode}
	}
	_, err = s.CheckCode(c, u, code)
	if _, ok := errors.AsType[*auth.Refusal](err); ok {
		return &Problem{Status: http.StatusForbidden, Detail: auth.WrongCode, Err: errWrongCode}
	}
	return err
}

var errWrongCode = errors.New("wrong code")

// IsWrongCode reports whether ConfirmOwner has refused the code, not the password.
func IsWrongCode(err error) bool { return errors.Is(err, errWrongCode) }

// SetUp runs the work that makes the first admin with the code of a setup link. Once there is one, no attempt is counted.
func (s *Site) SetUp(c *Call, work func() (db.User, error)) (u db.User, err error) {
	there, err := s.DB.HasAdmin(c.R.Context())
	if err != nil {
		return u, err
	}
	if !there {
		err = s.Guarded(c, "setup", func() (err error) {
			u, err = work()
			return err
		})
	}
	if there || errors.Is(err, db.ErrSetUp) {
		err = &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.UnknownSecret, Detail: "the server is set up already: sign in"}
	}
	return u, err
}

// ErrNoRegistration is the answer where only admins make accounts.
var ErrNoRegistration = &Problem{Status: http.StatusForbidden, Detail: "registration is off here: ask an admin for an account"}

// TakenName counts a name that is in use against the account that tried it, and returns the error: it shows that a private
// topic of somebody else exists.
func (s *Site) TakenName(c *Call, err error) error {
	if errors.Is(err, auth.ErrConflict) {
		if limited := s.LimitConflicts(c, c.Who.User().ID, "too many attempts with names that are taken"); limited != nil {
			return limited
		}
	}
	return err
}
