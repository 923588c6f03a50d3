// Package quoted reads lists whose entries may stand in quotes, as in X-Actions.
package quoted

import "strings"

// Split cuts a text at a separator outside quotes. A quote opens only at the beginning of a part or a value, so an apostrophe in a word
// does not, and only if it is closed later.
func Split(s string, sep byte) (parts []string) {
	begin, quote, before := 0, byte(0), sep
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (before == ',' || before == ';' || before == '=' || before == sep):
			if !closes(s[i+1:], c) {
				break
			}
			quote = c
		case c == sep:
			parts = append(parts, s[begin:i])
			begin = i + 1
		}
		if c != ' ' && c != '\t' {
			before = c
		}
	}
	return append(parts, s[begin:])
}

// closes reports whether a quote that was opened before a text ends in it.
func closes(s string, quote byte) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return true
		}
	}
	return false
}

// Unquote is a part without the quotes around it.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' && s[0] != '\'' || s[len(s)-1] != s[0] {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
