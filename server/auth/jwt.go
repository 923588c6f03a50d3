package auth

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer    = "notifer"
	audience  = "notifer-api"
	maxJWTLen = 8 << 10
)

// claims are those of RFC 7519 plus the id of the session that the JWT points to, which is no secret: the signature makes it
// one's own.
type claims struct {
	SID string `json:"sid"`
	jwt.RegisteredClaims
}

// mint signs a pointer to a session.
func (a *Auth) mint(user, session string) (string, error) {
	now := a.Now()
	c := claims{session, jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: user,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(a.o.AccessTTL)),
	}}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(a.jwtKey)
}

// jwtName names the JWTs of a session for the clock.
func jwtName(s *sessionRecord) string { return s.Session.ID + " jwt" }

// addJWT accepts HS256 only, with every claim present, and only while the session it names lives.
func (a *Auth) addJWT(ctx context.Context, p *Principal, text string) error {
	bad := unauthenticated(BadSession, "the access token is not valid or has expired: sign in again")
	if !canonicalJWT(text) {
		return bad
	}
	var c claims
	_, err := jwt.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return a.jwtKey, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithIssuedAt(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(a.Now))
	expired := errors.Is(err, jwt.ErrTokenExpired) && c.SID != "" // its signature was good
	if expired {
		err = nil
	}
	if err != nil || c.SID == "" || c.Subject == "" || c.ExpiresAt.Unix() <= 0 {
		return bad
	}
	name := sessionName{id: c.SID}
	s, err := a.liveSession(ctx, name)
	if err != nil {
		return err
	}
	if over := a.clock.Passed(jwtName(s), c.ExpiresAt.Time); over || expired || s.UserID != c.Subject {
		return bad
	}
	if p.session != nil && p.name != name {
		return &Refusal{Kind: ErrTwoCredentials, Reason: TwoCredentials, Detail: "two different access tokens were sent: send one"}
	}
	p.session, p.name, p.jwtExp = s, name, c.ExpiresAt.Time.Truncate(time.Second)
	return a.touch(p, s)
}
