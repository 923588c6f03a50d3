package auth

import (
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
	"notifer/server/plaintext"
)

const (
	// pairingTTL is how long the code of a pairing works.
	pairingTTL = 5 * time.Minute

	pairingBytes = 20                        // 160 bits
	pairedTTL    = 10 * 365 * 24 * time.Hour // of a paired device's session, which ends with its key
)

var pairingText = base32.StdEncoding.WithPadding(base32.NoPadding)

// IssuePairing stores an offer to pair a device and returns its code, which is kept nowhere.
func (a *Auth) IssuePairing(p *db.Pairing) (string, error) {
	code := strings.ToLower(pairingText.EncodeToString(secrets.NewBytes(pairingBytes)))
	fp := secrets.FingerprintOf(code)
	p.Fingerprint = fp[:]
	return code, a.d.CreatePairing(p, pairingTTL)
}

// pairingCode returns the canonical form of a code that was typed, perhaps in groups or in capitals; empty when it is not a code.
func pairingCode(typed string) string {
	code := strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, plaintext.Cut(strings.ToValidUTF8(typed, ""), 200)))
	if b, err := pairingText.DecodeString(strings.ToUpper(code)); err != nil || len(b) != pairingBytes {
		return ""
	}
	return code
}

// Pair trades the code of an offer for a session that may do what the offer's key may: it returns the cookie's secret. The key
// is listed and revoked like any other, and its own secret is known to nobody. A code works once. The session that the browser
// had before ends; nil is none.
func (a *Auth) Pair(typed, agent, address string, before *db.Session, events ...db.Audit) (sid string, s db.Session, err error) {
	bad := unauthenticated(UnknownSecret, "the code has expired or was used: show a new one")
	code := pairingCode(typed)
	if code == "" {
		return "", s, bad
	}
	sid = secrets.New()
	fp, cookie, unknown := secrets.FingerprintOf(code), secrets.FingerprintOf(sid), secrets.FingerprintOf(secrets.New())
	now := a.Now()
	s = db.Session{SIDHash: cookie[:], Agent: agentText(agent), Address: address, CreatedAt: now, ExpiresAt: now.Add(pairedTTL), Replaces: before}
	k := db.Key{Fingerprint: unknown[:]}
	err = a.d.Pair(fp[:], &k, &s, events...)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return "", s, bad
	case err != nil:
		return "", s, err
	}
	return sid, s, nil
}
