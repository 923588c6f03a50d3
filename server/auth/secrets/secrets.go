// Package secrets makes and reads the texts of tokens and API keys: their prefix, their random body and the checksum by which a
// mistyped one is recognised without any look-up. It stores and compares nothing.
package secrets

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"strings"
)

// Prefixes of the secrets.
const (
	TokenPrefix = "tk_"
	KeyPrefix   = "noti_"
)

// PlainLength is the length of the secrets of sessions and refreshes: 256 bits, no checksum.
const PlainLength = 43

const (
	tokenBody   = 37 // 220 bits
	keyBody     = 26 // 154 bits
	checkDigits = 6
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Fingerprint is the look-up form of a secret: the first 128 bits of its SHA-256.
type Fingerprint [16]byte

// FingerprintOf is the look-up form of a text.
func FingerprintOf(secret string) Fingerprint {
	var room [64]byte // longer than any secret: the copy stays off the heap
	sum := sha256.Sum256(append(room[:0], secret...))
	return Fingerprint(sum[:16])
}

// NewToken makes the text of a topic access token: tk_, 37 random characters and 6 of checksum.
func NewToken() string { return newSecret(TokenPrefix, tokenBody) }

// NewKey makes the text of an API key: noti_, 26 random characters and 6 of checksum.
func NewKey() string { return newSecret(KeyPrefix, keyBody) }

func newSecret(prefix string, body int) string {
	s := prefix + randomText(body)
	return s + checksum(s)
}

// randomText draws base-62 characters; bytes that would favour some are drawn again.
func randomText(n int) string {
	out := make([]byte, 0, n)
	var b [64]byte
	for len(out) < n {
		rand.Read(b[:])
		for _, c := range b {
			if c < 248 && len(out) < n {
				out = append(out, alphabet[c%62])
			}
		}
	}
	return string(out)
}

// checksum is CRC-32/IEEE over prefix and body as 6 base-62 characters, the most significant first.
func checksum(s string) string {
	var out [checkDigits]byte
	sum := crc32.ChecksumIEEE([]byte(s))
	for i := checkDigits - 1; i >= 0; i-- {
		out[i] = alphabet[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// Fault says what is wrong with the text of a secret.
type Fault string

// The faults of a text, found without any look-up.
const (
	Sound    Fault = ""
	Extra    Fault = "extra character"
	Mistyped Fault = "mistyped or cut off"
	Foreign  Fault = "not such a secret"
)

// CheckToken proves the form and the checksum of a token's text.
func CheckToken(s string) Fault { return checkSecret(s, TokenPrefix, tokenBody) }

// CheckKey proves the form and the checksum of an API key's text.
func CheckKey(s string) Fault { return checkSecret(s, KeyPrefix, keyBody) }

func checkSecret(s, prefix string, body int) Fault {
	if strings.HasPrefix(s, prefix) && len(s) == len(prefix)+body+checkDigits {
		at := len(prefix) + body
		if wellFormed(s[len(prefix):]) && matches(s[:at], s[at:]) {
			return Sound
		}
		return Mistyped
	}
	trimmed := strings.Trim(s, " \t\r\n\"'`")
	if trimmed != s && checkSecret(trimmed, prefix, body) == Sound {
		return Extra
	}
	if strings.HasPrefix(trimmed, prefix) {
		return Mistyped
	}
	return Foreign
}

// matches compares without copying the body or building the checksum's text, since it runs for every request.
func matches(body, check string) bool {
	sum := ^uint32(0)
	for i := range len(body) {
		sum = crc32.IEEETable[byte(sum)^body[i]] ^ sum>>8
	}
	sum = ^sum
	for i := checkDigits - 1; i >= 0; i-- {
		if check[i] != alphabet[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

func wellFormed(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Hint is what may be shown of a secret for good: its first and last four characters after the prefix.
func Hint(secret string) string {
	_, body, ok := strings.Cut(secret, "_")
	if !ok || len(body) < 8 {
		return ""
	}
	return secret[:len(secret)-len(body)] + body[:4] + "…" + body[len(body)-4:]
}

// Prefix is the part of a hint that the wire calls token_prefix and key_prefix.
func Prefix(hint string) string {
	p, _, _ := strings.Cut(hint, "…")
	return p
}

// New makes a secret of 256 bits for sessions, refresh and setup.
func New() string { return randomText(PlainLength) }

// NewBytes makes n random bytes.
func NewBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
