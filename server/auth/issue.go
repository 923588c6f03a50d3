package auth

import (
	"context"
	"errors"
	"time"

	"notifer/db"
)

// IssueToken makes the secret of a new token, stores the token and returns the secret, which is kept nowhere.
// t names topic, name, permissions and the rest; its ID, Hint and CreatedAt are filled in.
func (a *Auth) IssueToken(ctx context.Context, t *db.Token) (string, error) {
	secret := NewToken()
	if err := a.seal(ctx, t, secret); err != nil {
		return "", err
	}
	if err := a.d.CreateToken(t, a.o.MaxTokens); err != nil {
		return "", err
	}
	a.rights.known.learn(Fingerprint(t.Fingerprint))
	return secret, nil
}

// MaxGrace is the longest grace that callers of RotateToken may give.
const MaxGrace = 7 * 24 * time.Hour

// RotateToken gives a token a new secret and returns it; the old one works for the grace. db.ErrNotFound when the token is
// revoked or gone.
func (a *Auth) RotateToken(ctx context.Context, t *db.Token, grace time.Duration, actor string) (string, error) {
	secret := NewToken()
	if err := a.seal(ctx, t, secret); err != nil {
		return "", err
	}
	var until time.Time
	if grace > 0 {
		until = a.Now().Add(grace)
	}
	if err := a.d.RotateToken(*t, until, actor); err != nil {
		return "", err
	}
	a.rights.known.learn(Fingerprint(t.Fingerprint))
	return secret, nil
}

func (a *Auth) seal(ctx context.Context, t *db.Token, secret string) error {
	fp := fingerprint(secret)
	hash, err := a.hasher.Hash(ctx, secret)
	t.Fingerprint, t.Hash, t.Hint = fp[:], hash, Hint(secret)
	return err
}

// IssueKey makes the secret of a new API key, stores the key and returns the secret, which is kept nowhere.
func (a *Auth) IssueKey(ctx context.Context, k *db.Key) (string, error) {
	secret := NewKey()
	fp := fingerprint(secret)
	hash, err := a.hasher.Hash(ctx, secret)
	if err != nil {
		return "", err
	}
	k.Fingerprint, k.Hash, k.Hint = fp[:], hash, Hint(secret)
	if err := a.d.CreateKey(k); err != nil {
		return "", err
	}
	a.rights.known.learn(fp)
	return secret, nil
}

// OwnToken is the id of the token that a text is the secret of, ended or not; empty when there is none.
func (a *Auth) OwnToken(ctx context.Context, text string) (string, error) {
	fp := fingerprint(text)
	if CheckToken(text) != Sound || !a.rights.known.has(fp) {
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

// Ours reports whether a text is a live or ended secret of this server, without any hashing by argon2id.
func (a *Auth) Ours(text string) bool {
	if CheckToken(text) != Sound && CheckKey(text) != Sound {
		return false
	}
	return a.rights.known.has(fingerprint(text))
}
