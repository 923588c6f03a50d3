package remote

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"notifer/server/plaintext"
)

// asText makes valid UTF-8 of a file or of standard input, because the charset must not cost a script its alert. The second result says what
// was converted, empty when nothing was.
func asText(body []byte) (text, done string) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body)%2 == 0 && (bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff})) {
		plain, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(body)
		if err == nil {
			return string(plain), ""
		}
	}
	if utf8.Valid(body) {
		return string(body), ""
	}
	text = strings.ToValidUTF8(string(body), "\ufffd")
	if strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 && r != utf8.RuneError }) < 0 {
		if plain, err := charmap.Windows1252.NewDecoder().Bytes(body); err == nil {
			return string(plain), "the text is not UTF-8: it was read as windows-1252"
		}
	}
	return text, "the text is not all valid UTF-8: what is broken became U+FFFD"
}

// half is the first half of a text that the server refused as too long.
func half(text string) string {
	return plaintext.Cut(text, len(text)/2) + "\n[… cut here: the message was longer]"
}
