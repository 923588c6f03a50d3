package request

import (
	"context"
	"errors"
	"net/http"

	"notifer/db"
	"notifer/server/auth"
)

// Guarded runs a check of a password, setup code or refresh token. Failures empty the address's bucket; once it is
// empty every attempt waits its turn, so that a right secret still gets in while guessing crawls. A browser that has signed in
// before passes by the bucket of its address, which others may have emptied, by one of its own. What another site's page sends
// is refused and counts for nothing: it would lock out its reader.
func (s *Site) Guarded(c *Call, kind string, check func() error) error {
	if c.R.Method != http.MethodGet && c.R.Method != http.MethodHead && !s.mayChange(c) {
		return s.OtherSite(c, "the request comes from a page of another site")
	}
	caller := auth.Caller{Address: c.Address, Device: s.device(c.R)}
	c.R = c.R.WithContext(auth.WithCaller(c.R.Context(), caller))
	key := Network(c.Address)
	bucket := s.limits.failures.get(key, c.Began)
	throttled := bucket.TokensAt(c.Began) < 1
	if own := s.limits.devices.get(caller.Device, c.Began); throttled && caller.Device != "" && own.TokensAt(c.Began) >= 1 {
		bucket, throttled = own, false
	}
	if throttled {
		ctx, cancel := context.WithTimeout(c.R.Context(), slowWait)
		defer cancel()
		if s.limits.slow.get(key, c.Began).Wait(ctx) != nil {
			return TooMany(failureRefill, "too many failed attempts from this address")
		}
	}
	err := check()
	var r *auth.Refusal
	if errors.As(err, &r) {
		s.logAuthFailed(c, kind)
		if !bucket.AllowN(c.Began, 1) || throttled {
			return TooMany(failureRefill, "too many failed attempts from this address")
		}
	}
	return err
}

// ConfirmPassword proves that the caller knows the account's password.
func (s *Site) ConfirmPassword(c *Call, password string) error {
	u := c.Who.User()
	err := s.Guarded(c, "password", func() error {
		_, err := s.Auth.VerifyPassword(c.R.Context(), u.Email, password)
		return err
	})
	if _, ok := errors.AsType[*auth.Refusal](err); ok {
		return &Problem{Status: http.StatusForbidden, Detail: "the current password is wrong"}
	}
	return err
}

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
		if limited := s.LimitConflicts(c, c.Who.User().ID, "too many names that are taken"); limited != nil {
			return limited
		}
	}
	return err
}
