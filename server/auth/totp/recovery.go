package totp

import (
	"crypto/rand"
	"slices"
	"strings"
)

// Clean leaves out what people type between the groups of a code.
func Clean(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, code))
}

// Recovery codes have 120 bits, so that they may be kept as an ordinary hash: only secrets of fewer than 112 bits need a slow
// one (ASVS 5.0, 6.5.2). The letters leave out those that are taken for digits.
const (
	recoveryCodes   = 10
	recoveryLetters = "abcdefghijkmnpqrstuvwxyz23456789"
	RecoveryLength  = 24
)

// RecoveryCodes makes a set of codes that work in place of an app, in groups of four letters.
func RecoveryCodes() []string {
	var codes []string
	for range recoveryCodes {
		random := make([]byte, RecoveryLength)
		rand.Read(random)
		for i, b := range random {
			random[i] = recoveryLetters[b%32]
		}
		var groups []string
		for part := range slices.Chunk(random, 4) {
			groups = append(groups, string(part))
		}
		codes = append(codes, strings.Join(groups, "-"))
	}
	return codes
}
