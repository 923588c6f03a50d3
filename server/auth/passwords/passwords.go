// Package passwords says which passwords are easy to guess. It knows no accounts and hashes nothing.
package passwords

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// commonHashes are some 18,000 of the most common passwords of eight characters and more, and 4,000 shorter ones that
// people lengthen: of each, in rising order, the first four bytes of the SHA-256 of its lower-case form, big endian. One in
// 200,000 other passwords is taken for one of them. The lists are those of the npm packages zxcvbn 4.4.2 (Dropbox, MIT) and
// @zxcvbn-ts/language-common 4.1.3 (MIT), which rank the passwords of public leaks.
//
//go:embed common.bin
var commonHashes string

const hashSize = 4

// Bounds of a password, in characters.
const (
	Min = 8
	Max = 128
)

// Weakness says why a password must not be chosen, or nothing: it is of no fit length, or easy to guess because it is one of the
// most common, is made of the account's own words, or is a run of keys.
func Weakness(password string, own ...string) string {
	n := utf8.RuneCountInString(password)
	if n < Min || n > Max {
		return fmt.Sprintf("password must have %d to %d characters", Min, Max)
	}
	password = norm.NFKC.String(password) // fullwidth digits are digits
	read := asLetters.Replace(password)
	switch {
	case madeOf(password, own) || madeOf(read, lettersOf(ownWords(own))):
		return "this password consists of the account's own words or of Notifer's name: choose another"
	case monotonous(password):
		return "this password repeats characters or runs along the keyboard: choose another"
	case common(password) || common(read):
		return "this password is on every list of common passwords: choose another"
	}
	return ""
}

// asLetters reads digits and marks as the letters that they are written for.
var asLetters = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func lettersOf(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = asLetters.Replace(w)
	}
	return out
}

// common reports whether a password, or what is left of it without up to four digits and marks at its end, is one of
// commonHashes.
func common(password string) bool {
	text := strings.ToLower(password)
	for n := 0; ; n++ {
		if listed(text) {
			return true
		}
		last := len(text) - 1
		if n == 4 || last < 5 || text[last] >= 0x80 || 'a' <= text[last] && text[last] <= 'z' {
			return false
		}
		text = text[:last]
	}
}

func listed(text string) bool {
	sum := sha256.Sum256([]byte(text))
	want := string(sum[:hashSize])
	at := func(i int) string { return commonHashes[i*hashSize : (i+1)*hashSize] }
	n := len(commonHashes) / hashSize
	i := sort.Search(n, func(i int) bool {
		return binary.BigEndian.Uint32([]byte(at(i))) >= binary.BigEndian.Uint32(sum[:hashSize])
	})
	return i < n && at(i) == want
}

// madeOf reports whether a password consists of given words, digits and marks only.
func madeOf(password string, words []string) bool {
	text := strings.ToLower(password)
	for _, w := range append(ownWords(words), "notifer") {
		text = strings.ReplaceAll(text, w, " ")
	}
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return strings.Contains(text, " ") && !strings.Contains(password, " ") && letters < 3
}

// ownWords splits email addresses and names into the words of three letters and more that they consist of, the longest first.
func ownWords(texts []string) []string {
	var words []string
	for _, t := range texts {
		t = strings.ToLower(t)
		words = append(words, strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
		words = append(words, t)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
	sort.Slice(words, func(i, j int) bool { return len(words[i]) > len(words[j]) })
	return words
}

// keyboard are runs of neighbouring keys, and the alphabet.
var keyboard = []string{
	"qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1234567890", "abcdefghijklmnopqrstuvwxyz",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
}

// monotonous reports whether a password repeats a few characters, or runs along the keyboard or the alphabet.
func monotonous(password string) bool {
	text := strings.ToLower(password)
	for unit := 1; unit <= 4 && unit < len(text); unit++ {
		if strings.HasPrefix(strings.Repeat(text[:unit], len(text)/unit+1), text) {
			return true
		}
	}
	run := strings.TrimRight(text, "0123456789!?.@#$*-_")
	for _, row := range keyboard {
		if len(run) >= 5 && (strings.Contains(row, run) || strings.Contains(row, reversed(run))) ||
			strings.Contains(row+row, text) || strings.Contains(row+row, reversed(text)) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
