package api

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// verbatim counts leading bytes that stand for themselves in a JSON string, in steps of eight. It looks at eight at a time:
// a top bit is set, or becomes so, for a control character, a quote, a backslash, DEL and what is beyond ASCII.
func verbatim(s string) (n int) {
	const ones = 0x0101010101010101
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if (x|(x+ones)|(x-' '*ones)|((x^'"'*ones)-ones)|((x^'\\'*ones)-ones))&(0x80*ones) != 0 {
			break
		}
		n += 8
	}
	return n
}

// Charset is the characters of which JSON is written; all others are escaped.
type Charset uint8

// The charsets. Streams are written in ASCII: their parsers split lines at more characters than the standard names (U+0085, U+2028, U+2029).
const (
	UTF8 Charset = iota
	ASCII
)

// AppendString writes a JSON string.
func AppendString(dst []byte, s string, in Charset) []byte {
	dst = append(dst, '"')
	start := 0
	for i := verbatim(s); i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf-1 && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if in == UTF8 && r >= 0xa0 && r != 0x2028 && r != 0x2029 {
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscaped(dst, r)
		start = i + size
		i = start + verbatim(s[start:])
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscaped writes a character of a JSON string as an escape.
func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if r > 0xffff {
		r -= 0x10000
		return appendUnit(appendUnit(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
