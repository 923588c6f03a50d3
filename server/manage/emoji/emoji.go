// Package emoji knows what one emoji is made of.
package emoji

import (
	"strings"
	"unicode"
)

// What an emoji is made of beside its pictures (UTS 51).
const (
	joiner  = 0x200d  // between the pictures of one emoji
	variant = 0xfe0f  // asks for the colourful form
	keycap  = 0x20e3  // around a digit
	lastTag = 0xe007f // the end of the flag of a region
)

// Is reports whether a text is one emoji as people see it, whatever it is made of.
func Is(s string) bool {
	r := []rune(s)
	switch {
	case len(r) == 0 || len(r) > 16:
		return false
	case len(r) == 2 && isFlagLetter(r[0]):
		return isFlagLetter(r[1])
	case r[len(r)-1] == keycap:
		return len(r) <= 3 && (r[0] >= '0' && r[0] <= '9' || r[0] == '#' || r[0] == '*') && (len(r) == 2 || r[1] == variant)
	}
	for i := 0; i < len(r); i++ {
		if !isPicture(r[i]) {
			return false
		}
		for i++; i < len(r) && isEmojiMark(r[i]); i++ {
		}
		if i == len(r) {
			return true
		}
		if r[i] != joiner {
			return false
		}
	}
	return false
}

func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func isPicture(r rune) bool {
	return strings.ContainsRune("©®‼⁉〰〽", r) || r >= 0x1f000 && r <= 0x1faff && !isFlagLetter(r) && !isSkin(r) || r > 0x2000 && r < 0x4000 && unicode.In(r, unicode.So, unicode.Sm)
}

func isSkin(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func isEmojiMark(r rune) bool { return r == variant || isSkin(r) || r >= 0xe0020 && r <= lastTag }
