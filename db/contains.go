package db

import (
	"unicode"
	"unicode/utf8"
)

// containsLower reports whether the lower-case form of s contains text, which is lower-case. It copies nothing: a search looks at
// megabytes.
func containsLower(s, text string) bool {
	if text == "" {
		return true
	}
	first, _ := utf8.DecodeRuneInString(text)
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if lower(r) == first && beginsLower(s[i:], text) {
			return true
		}
		i += size
	}
	return false
}

// beginsLower reports whether the lower-case form of s begins with text.
func beginsLower(s, text string) bool {
	for text != "" {
		want, n := utf8.DecodeRuneInString(text)
		got, m := utf8.DecodeRuneInString(s)
		if m == 0 || lower(got) != want {
			return false
		}
		s, text = s[m:], text[n:]
	}
	return true
}

func lower(r rune) rune {
	switch {
	case r >= utf8.RuneSelf:
		return unicode.ToLower(r)
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	}
	return r
}

// mentions reports whether a message's text or title contains text, which is lower-case, in any letter case.
func (m *Message) mentions(text string) bool {
	return containsLower(m.Body, text) || containsLower(m.Title, text)
}
