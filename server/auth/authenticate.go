package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
)

// Authenticate turns what was presented into a Principal. Every credential must be valid on its own, else the result
// is a Refusal. A key and a session are of one account: what one of them grants is done with the rights of both. A session cookie
// counts only when nothing else was presented, and is ignored once it has ended.
func (a *Auth) Authenticate(ctx context.Context, in Presented) (*Principal, error) {
	p := &Principal{address: in.Address, via: in.Via, queryJWT: in.QueryJWT, setAside: in.SetAside}
	if in.Misplaced {
		r := unauthenticated(WrongHeader, "this Authorization scheme is not for tokens and keys: send it as X-Topic-Token, X-API-Key or Authorization: Bearer")
		r.Hint = "Send a topic token as X-Topic-Token, an API key as X-API-Key."
		return p, r
	}
	for i, text := range [...]string{in.TopicToken, in.APIKey, in.Bearer, in.Password, in.Gotify, in.Query} {
		if text == "" {
			continue
		}
		if err := places[i](a, ctx, p, text); err != nil {
			return p, err
		}
	}
	if p.key != nil && p.session != nil && p.key.UserID != p.session.UserID {
		return p, &Refusal{Kind: ErrTwoCredentials, Reason: TwoCredentials, Detail: "the API key and the access token belong to different accounts: send one"}
	}
	if p.Anonymous() && in.Cookie != "" {
		return p, a.addCookie(ctx, p, in.Cookie)
	}
	return p, nil
}

// places are the readers of the places a credential may be presented in, in the order of Authenticate.
var places = [...]func(*Auth, context.Context, *Principal, string) error{
	(*Auth).addTopicHeader, (*Auth).addKeyHeader, (*Auth).addBearer, (*Auth).addBearer, (*Auth).addTopicHeader, (*Auth).addQuery,
}

func (a *Auth) addTopicHeader(ctx context.Context, p *Principal, s string) error {
	if kindOf(s) == secrets.KeyPrefix {
		r := unauthenticated(WrongHeader, "an API key (noti_...) does not belong in X-Topic-Token: send it as X-API-Key")
		r.Hint = "That is an API key. Send it as X-API-Key."
		return r
	}
	return a.addToken(ctx, p, s)
}

func (a *Auth) addKeyHeader(ctx context.Context, p *Principal, s string) error {
	if kindOf(s) == secrets.TokenPrefix {
		r := unauthenticated(WrongHeader, "a topic token (tk_...) does not belong in X-API-Key: send it as X-Topic-Token")
		r.Hint, r.SecretHint = "That is a topic token in the wrong header: send it as X-Topic-Token.", a.safeHint(s)
		return r
	}
	return a.addKey(ctx, p, s)
}

func (a *Auth) addBearer(ctx context.Context, p *Principal, s string) error {
	switch kindOf(s) {
	case secrets.TokenPrefix:
		return a.addToken(ctx, p, s)
	case secrets.KeyPrefix:
		return a.addKey(ctx, p, s)
	}
	return a.addJWT(ctx, p, s)
}

func (a *Auth) addQuery(ctx context.Context, p *Principal, s string) error {
	switch kindOf(s) {
	case secrets.TokenPrefix:
		p.inURL = true
		return a.addToken(ctx, p, s)
	case secrets.KeyPrefix:
		r := unauthenticated(WrongHeader, "an API key (noti_...) does not belong in ?token=: send it as X-API-Key")
		r.Hint = "That is an API key. Send it as X-API-Key."
		return r
	}
	if p.queryJWT {
		return a.addJWT(ctx, p, s)
	}
	return unauthenticated(UnknownSecret, "?token= takes a topic token (tk_...) here: send a JWT as Authorization: Bearer")
}

// The answers to an unknown secret. That of a disabled owner is answered alike.
const (
	badToken = "the topic token is not valid: copy it again, or create a new one"
	badKey   = "the API key is not valid: copy it again, or create a new one"
)

// safeHint is the hint of a text that is sound; a text that may be anything is never repeated.
func (a *Auth) safeHint(s string) string {
	if secrets.CheckToken(s) == secrets.Sound || secrets.CheckKey(s) == secrets.Sound {
		return secrets.Hint(s)
	}
	return ""
}

// faulty is the refusal for a text that cannot be a secret of ours, found without any look-up.
func faulty(f secrets.Fault, text, what, form string) *Refusal {
	switch f {
	case secrets.Extra:
		r := unauthenticated(ExtraText, "the "+what+" has an extra character at its start or end: remove spaces, quotes and newlines")
		r.Hint = "Extra character at the end. Often a newline from `echo`; use `printf`."
		return r
	case secrets.Mistyped:
		r := unauthenticated(MistypedText, "the "+what+" is mistyped or cut off: copy it again")
		r.Hint = "The " + what + " is mistyped or cut off (" + form + ")."
		if strings.ContainsAny(text, "?&=") {
			r.Hint = "More text follows the " + what + ": in a URL, separate further fields with &, without a second question mark."
		}
		return r
	}
	r := unauthenticated(UnknownSecret, "the "+what+" is not valid")
	switch {
	case len(text) > 7 && strings.EqualFold(text[:7], "bearer "):
		r.Hint = "Leave out the word Bearer: this place takes the " + what + " alone."
	case strings.ContainsAny(text, "${}<>%"):
		r.Hint = "It looks like a variable or a placeholder that was not replaced. In single quotes a shell replaces none."
	}
	return r
}

func (a *Auth) addToken(ctx context.Context, p *Principal, s string) error {
	if f := secrets.CheckToken(s); f != secrets.Sound {
		return faulty(f, s, "topic token", "43 characters follow tk_")
	}
	fp := secrets.FingerprintOf(s)
	t, err := a.liveToken(ctx, fp, s)
	if err != nil {
		return err
	}
	hash := t.Hash
	if t.replaced(fp) {
		hash = t.PrevHash
	}
	if err := a.verify(ctx, s, hash); err != nil {
		return err
	}
	if p.token != nil && p.tokenFP != fp {
		return &Refusal{Kind: ErrTwoCredentials, Reason: TwoCredentials, Detail: "two different topic tokens were sent: send one"}
	}
	p.token, p.tokenFP = t, fp
	return nil
}

// liveToken finds the record of a fingerprint and refuses what has ended. The text, or its hint, is for the refusal.
func (a *Auth) liveToken(ctx context.Context, fp secrets.Fingerprint, text string) (*tokenRecord, error) {
	if !a.rights.known.has(fp) {
		return nil, unknownToken(text)
	}
	t, err := a.rights.token(ctx, fp)
	if errors.Is(err, db.ErrNotFound) {
		return nil, unknownToken(text)
	}
	if err != nil {
		return nil, err
	}
	if r := t.ended(fp, a.clock.Passed); r != nil {
		r.TokenID, r.SecretHint = t.ID, secrets.Hint(text)
		return nil, r
	}
	return t, nil
}

func unknownToken(text string) *Refusal {
	r := unauthenticated(UnknownSecret, badToken)
	r.SecretHint = secrets.Hint(text)
	return r
}

// replaced reports whether a secret is the one before the last rotation.
func (t *tokenRecord) replaced(fp secrets.Fingerprint) bool {
	return secrets.Fingerprint(t.Fingerprint) != fp
}

func (t *tokenRecord) ended(fp secrets.Fingerprint, over func(string, time.Time) bool) *Refusal {
	switch {
	case !t.RevokedAt.IsZero():
		r := unauthenticated(Revoked, "the topic token was revoked: create a new one")
		r.Hint = "It was revoked by " + t.RevokedBy + " on " + t.RevokedAt.UTC().Format("2 Jan 2006") + "."
		return r
	case over(t.ID, t.ExpiresAt):
		r := unauthenticated(Expired, "the topic token has expired: create a new one")
		r.Hint = "It expired on " + t.ExpiresAt.UTC().Format("2 Jan 2006") + "."
		return r
	case t.replaced(fp) && (t.PrevUntil.IsZero() || over(t.ID+" before rotation", t.PrevUntil)):
		r := unauthenticated(Expired, "this secret was replaced by a rotation: use the new one")
		r.Hint = "The token was rotated and the old secret has ended."
		return r
	case t.ownerDisabled:
		return unauthenticated(OwnerDisabled, badToken)
	}
	return nil
}

// verify runs argon2id once per process and secret. It comes after the look-up, so that a guess costs no HMAC either.
func (a *Auth) verify(ctx context.Context, secret, hash string) error {
	mac := a.verdicts.MAC(secret)
	if a.verdicts.Has(mac) {
		return nil
	}
	ok, err := a.hasher.VerifySecret(ctx, secret, hash)
	if err != nil {
		return err
	}
	if !ok {
		return unauthenticated(UnknownSecret, "the credential is not valid")
	}
	a.verdicts.Add(mac)
	return nil
}

func (a *Auth) addKey(ctx context.Context, p *Principal, s string) error {
	if f := secrets.CheckKey(s); f != secrets.Sound {
		return faulty(f, s, "API key", "32 characters follow noti_")
	}
	fp := secrets.FingerprintOf(s)
	k, err := a.liveKey(ctx, fp)
	if err != nil {
		return err
	}
	if err := a.verify(ctx, s, k.Hash); err != nil {
		return err
	}
	if p.key != nil && p.keyFP != fp {
		return &Refusal{Kind: ErrTwoCredentials, Reason: TwoCredentials, Detail: "two different API keys were sent: send one"}
	}
	p.key, p.keyFP = k, fp
	return nil
}

func (a *Auth) liveKey(ctx context.Context, fp secrets.Fingerprint) (*keyRecord, error) {
	unknown := unauthenticated(UnknownSecret, badKey)
	if !a.rights.known.has(fp) {
		return nil, unknown
	}
	k, err := a.rights.key(ctx, fp)
	if errors.Is(err, db.ErrNotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	if r := a.endedKey(k); r != nil {
		return nil, r
	}
	return k, nil
}

// endedKey is the refusal of a key that does not work any more, nil while it does.
func (a *Auth) endedKey(k *keyRecord) *Refusal {
	switch {
	case !k.RevokedAt.IsZero():
		return unauthenticated(Revoked, "the API key was revoked: create a new one")
	case a.clock.Passed(k.ID, k.ExpiresAt):
		return unauthenticated(Expired, "the API key has expired: create a new one")
	case k.User.Disabled:
		return unauthenticated(OwnerDisabled, badKey)
	}
	return nil
}
