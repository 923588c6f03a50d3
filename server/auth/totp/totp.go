// Package totp makes and checks the codes of authenticator apps (RFC 6238, RFC 4226). It knows no accounts and no store.
package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What every authenticator app understands: SHA-1, six digits, a new code every 30 seconds. Of SHA-1 only the HMAC is used,
// which its collisions do not weaken.
const (
	Digits     = 6
	Period     = 30 * time.Second
	SecretSize = 20 // bytes, as long as the hash (RFC 4226 section 4, R6)
	skew       = 1  // steps by which the clocks may differ, both ways (RFC 6238 section 5.2)
)

// Step returns the number of the period that a moment is in.
func Step(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code is the code of a step.
func Code(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", Digits, n%1_000_000)
}

// Match finds the step near a moment whose code was given; false when there is none. A code that is accepted must not be
// accepted again, so the caller keeps the step, and refuses those up to it.
func Match(secret []byte, code string, at time.Time) (step int64, ok bool) {
	now := Step(at)
	for s := now - skew; s <= now+skew; s++ {
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is a secret as it is typed into an app, in groups of four letters.
func Text(secret []byte) string {
	var groups []string
	for text := letters.EncodeToString(secret); text != ""; {
		n := min(4, len(text))
		groups, text = append(groups, text[:n]), text[n:]
	}
	return strings.Join(groups, " ")
}

// URI is what an app reads from a QR code. The issuer and the account are shown in it.
func URI(secret []byte, issuer, account string) string {
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return "otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?secret=" + letters.EncodeToString(secret) + "&issuer=" + escape(issuer)
}
