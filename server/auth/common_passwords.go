package auth

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// commonPasswords are some 18,000 of the most common passwords of eight characters and more, and 4,000 shorter ones that
// people lengthen: of each, in rising order, the first four bytes of the SHA-256 of its lower-case form, big endian. One in
// 200,000 other passwords is taken for one of them. The lists are those of the npm packages zxcvbn 4.4.2 (Dropbox, MIT) and
// @zxcvbn-ts/language-common 4.1.3 (MIT), which rank the passwords of public leaks.
//
//go:embed common_passwords.bin
var commonPasswords string

const commonSize = 4

// common reports whether a password, or what is left of it without up to four digits and marks at its end, is one of
// commonPasswords.
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
	want := string(sum[:commonSize])
	at := func(i int) string { return commonPasswords[i*commonSize : (i+1)*commonSize] }
	n := len(commonPasswords) / commonSize
	i := sort.Search(n, func(i int) bool {
		return binary.BigEndian.Uint32([]byte(at(i))) >= binary.BigEndian.Uint32(sum[:commonSize])
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
