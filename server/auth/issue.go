package auth

import (
	"context"
	"errors"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
)

// IssueToken makes the secret of a new token, stores the token and returns the secret, which is kept nowhere. t names topic, name,
// permissions and the rest; its ID, Hint and CreatedAt are filled in. The actor is its creator, unless by names another.
func (a *Auth) IssueToken(ctx context.Context, t *db.Token, by ...db.By) (string, error) {
	secret := secrets.NewToken()
	if err := a.seal(ctx, t, secret); err != nil {
		return "", err
	}
	if err := a.d.CreateToken(t, a.o.MaxTokens, by...); err != nil {
		return "", err
	}
	a.rights.known.learn(secrets.Fingerprint(t.Fingerprint))
	return secret, nil
}

// MaxGrace is the longest grace that callers of RotateToken may give.
const MaxGrace = 7 * 24 * time.Hour

// RotateToken gives a token a new secret and returns it; the old one works for the grace. db.ErrNotFound when the token is
// revoked or gone.
func (a *Auth) RotateToken(ctx context.Context, t *db.Token, grace time.Duration, by db.By) (string, error) {
	secret := secrets.NewToken()
	if err := a.seal(ctx, t, secret); err != nil {
		return "", err
	}
	var until time.Time
	if grace > 0 {
		until = a.Now().Add(grace)
	}
	if err := a.d.RotateToken(*t, until, by); err != nil {
		return "", err
	}
	a.rights.known.learn(secrets.Fingerprint(t.Fingerprint))
	return secret, nil
}

func (a *Auth) seal(ctx context.Context, t *db.Token, secret string) error {
	fp := secrets.FingerprintOf(secret)
	hash, err := a.hasher.Hash(ctx, secret)
	t.Fingerprint, t.Hash, t.Hint = fp[:], hash, secrets.Hint(secret)
	return err
}

// IssueKey makes the secret of a new API key, stores the key with events about it and returns the secret, which is kept nowhere.
func (a *Auth) IssueKey(ctx context.Context, k *db.Key, events ...db.Audit) (string, error) {
	secret := secrets.NewKey()
	fp := secrets.FingerprintOf(secret)
	hash, err := a.hasher.Hash(ctx, secret)
	if err != nil {
		return "", err
	}
	k.Fingerprint, k.Hash, k.Hint = fp[:], hash, secrets.Hint(secret)
	if err := a.d.CreateKey(k, a.o.MaxKeys, events...); err != nil {
		return "", err
	}
	a.rights.known.learn(fp)
	return secret, nil
}

// OwnToken returns the id of the token whose secret a text is, ended or not; empty when there is none.
func (a *Auth) OwnToken(ctx context.Context, text string) (string, error) {
	fp := secrets.FingerprintOf(text)
	if secrets.CheckToken(text) != secrets.Sound || !a.rights.known.has(fp) {
		return "", nil
	}
	t, err := a.rights.token(ctx, fp)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return t.ID, nil
}

// Live reports whether a text is a token or key of this server that has not ended, without any hashing by argon2id. That of a disabled
// account has not: it works again when the account does.
func (a *Auth) Live(ctx context.Context, text string) (bool, error) {
	var err error
	switch {
	case secrets.CheckToken(text) == secrets.Sound:
		_, err = a.liveToken(ctx, secrets.FingerprintOf(text), text)
	case secrets.CheckKey(text) == secrets.Sound:
		_, err = a.liveKey(ctx, secrets.FingerprintOf(text))
	default:
		return false, nil
	}
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason == OwnerDisabled, nil
	}
	return err == nil, err
}
