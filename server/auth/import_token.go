package auth

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"notifer/db"
	"notifer/server/auth/argon"
	"notifer/server/auth/secrets"
)

// ImportToken stores a token whose secret was made before: as the secret itself, or as the digest that Digest made of it. No bound on
// the tokens of a topic applies: it is declared, and an owner who has filled the topic must not keep the server from starting.
// db.ErrEnded for a secret that has ended.
func (a *Auth) ImportToken(ctx context.Context, t *db.Token, secret string, by ...db.By) error {
	if err := a.take(ctx, t, secret); err != nil {
		return err
	}
	if err := a.d.CreateToken(t, math.MaxInt, by...); err != nil {
		return err
	}
	a.rights.known.learn(secrets.Fingerprint(t.Fingerprint))
	return nil
}

func (a *Auth) take(ctx context.Context, t *db.Token, secret string) error {
	if secrets.CheckToken(secret) == secrets.Sound {
		return a.seal(ctx, t, secret)
	}
	hint, fp, hash, err := parseDigest(secret)
	if err != nil {
		return err
	}
	t.Hint, t.Fingerprint, t.Hash = hint, fp, hash
	return nil
}

// Digest is the form in which a configuration may hold a token without its secret, which cannot be derived from it.
func Digest(ctx context.Context, p argon.Params, secret string) (string, error) {
	hash, err := argon.New(p, 1).Hash(ctx, secret)
	fp := secrets.FingerprintOf(secret)
	return secrets.Hint(secret) + ":" + hex.EncodeToString(fp[:]) + ":" + hash, err
}

// SameSecret reports whether a stored token is the one of the secret or digest.
func SameSecret(t db.Token, secret string) bool {
	fp := fingerprintOf(secret)
	return fp != nil && bytes.Equal(fp, t.Fingerprint)
}

// SecretEnded reports whether a secret or digest was that of a token and has ended, as db.DB.TokenEnded does. Another text has not.
func (a *Auth) SecretEnded(ctx context.Context, secret string) (bool, error) {
	fp := fingerprintOf(secret)
	if fp == nil {
		return false, nil
	}
	return a.d.TokenEnded(ctx, fp)
}

// fingerprintOf is the fingerprint of a secret or digest, nil for another text.
func fingerprintOf(secret string) []byte {
	if secrets.CheckToken(secret) == secrets.Sound {
		fp := secrets.FingerprintOf(secret)
		return fp[:]
	}
	_, fp, _, err := parseDigest(secret)
	if err != nil {
		return nil
	}
	return fp
}

func parseDigest(text string) (hint string, fp []byte, hash string, err error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) == 3 {
		fp, err = hex.DecodeString(parts[1])
	}
	if len(parts) != 3 || err != nil || len(fp) != len(secrets.Fingerprint{}) || !strings.HasPrefix(parts[2], "$argon2id$") {
		return "", nil, "", fmt.Errorf("%w: this is neither a topic token nor the digest of one", ErrInvalid)
	}
	return parts[0], fp, parts[2], nil
}
