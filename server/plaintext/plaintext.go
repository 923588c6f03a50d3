// Package plaintext makes texts from outside safe to show: in one line or several, without characters that a terminal obeys or
// that make one text look like another, and cut between characters. It knows no field and refuses nothing.
package plaintext

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// HasControl reports whether a text holds control characters, characters that turn the direction of what follows (Unicode UAX 9),
// or invisible characters, with which one name could look like another. Joiners stay: emoji and several scripts need them.
func HasControl(s string) bool { return strings.ContainsFunc(s, isControl) }

func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || strings.ContainsRune(unseen, r)
}

// unseen are a soft hyphen, marks of direction, spaces without width, annotations and fillers.
const unseen = "\u00ad\u061c\u115f\u1160\u180e\u200b\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"

// Line is a text without what HasControl finds; line ends and tabs become blanks. A terminal or another page that shows such
// characters may obey them.
func Line(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case isControl(r):
			return -1
		}
		return r
	}, s)), " ")
}

// Lines is Line for a text of several lines, which stay as they are.
func Lines(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && isControl(r) {
			return -1
		}
		return r
	}, s))
}

// Cut is the beginning of a text, whole characters of at most n bytes.
func Cut(s string, n int) string {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:min(n, len(s))]
}

// First is the first n characters of a text.
func First(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// Shorten is a text of at most n characters, with an ellipsis where it was longer.
func Shorten(s string, n int) string {
	for i := range s {
		if n--; n == 0 && utf8.RuneCountInString(s[i:]) > 1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// splitsLine is a character that a title may not hold: controls, line ends, and what turns the text behind it around. Marks and
// isolates of right-to-left text stay.
func splitsLine(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0x202d || r == 0x202e
}

// OneLine makes white space and control characters single blanks, and reports whether it replaced control characters other than
// those at the ends.
func OneLine(s string) (line string, changed bool) {
	if strings.IndexFunc(s, splitsLine) < 0 {
		return strings.TrimSpace(s), false
	}
	changed = strings.IndexFunc(strings.TrimSpace(s), splitsLine) >= 0
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return splitsLine(r) || unicode.IsSpace(r) }), " "), changed
}

// escape begins what tells a terminal to change colours, move or rename its window.
const escape = 0x1b

// terminal are these codes as ECMA-48 writes them: control sequences, commands with a text, and the choice of a character set. An
// escape before anything else stays: what follows may be text.
var terminal = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("\x1b(?:\\[[0-9:;<=>?]*[ -/]*[@-~]|\\][^\x07\x1b]{0,500}(?:\x07|\x1b\\\\)|[()][0AB])")
})

// HasEscape reports whether a text may hold such codes.
func HasEscape(text string) bool { return strings.IndexByte(text, escape) >= 0 }

// WithoutTerminal is a text without the codes of a terminal.
func WithoutTerminal(text string) string {
	if !HasEscape(text) {
		return text
	}
	return terminal().ReplaceAllString(text, "")
}
