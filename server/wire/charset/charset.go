// Package charset reads the bytes of a body as text, in the charset that its sender declares or that the bytes show. It knows no
// request and no message.
package charset

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charsets are those that browsers do not know, or read differently from what senders of messages mean.
var charsets = map[string]encoding.Encoding{
	"cp437": charmap.CodePage437, "ibm437": charmap.CodePage437, "cp850": charmap.CodePage850, "ibm850": charmap.CodePage850, "cp852": charmap.CodePage852,
	"cp858": charmap.CodePage858, "latin-1": charmap.Windows1252,
	"utf-16":   unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32":   utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32le": utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "utf-32be": utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
}

// otherNames are names that some systems give to charsets, with each _ as a hyphen.
var otherNames = map[string]string{"cp932": "shift_jis", "cp936": "gbk", "cp949": "euc-kr", "cp950": "big5", "utf16": "utf-16", "utf32": "utf-32",
	"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be",
	"utf-32": "utf-32", "utf-32-le": "utf-32le", "utf-32-be": "utf-32be"}

// usual is the usual name of a charset.
func usual(name string) string { return cmp.Or(otherNames[strings.ReplaceAll(name, "_", "-")], name) }

// encodingOf is the encoding of a declared name, nil when it is not known.
func encodingOf(name string) encoding.Encoding {
	name = usual(name)
	if e := charsets[name]; e != nil {
		return e
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e
	}
	return nil
}

// Reader reads a text in a charset as UTF-8, for package mime.
func Reader(name string, text io.Reader) (io.Reader, error) {
	if e := encodingOf(strings.ToLower(name)); e != nil {
		return e.NewDecoder().Reader(text), nil
	}
	return nil, fmt.Errorf("unknown charset %q", name)
}

// Flaw is what was wrong with a text that could be read all the same: Refusal says what to send instead, Warning what was done.
type Flaw struct{ Refusal, Warning string }

// Decode is a body as UTF-8: in the charset that the content type declares or a byte order mark shows, else as UTF-8, else as
// Windows-1252. The text may share the memory of the body.
func Decode(body []byte, contentType string) (text string, flaw *Flaw) {
	declared := declaredIn(contentType)
	if declared == "" {
		if declared = unmarked(body); declared != "" {
			flaw = &Flaw{fmt.Sprintf("the message is %s and does not say so: send UTF-8", declared), fmt.Sprintf("the text looks like %s: it was read as that", declared)}
		}
	}
	if declared == "" && utf8.Valid(body) {
		return inPlace(bytes.TrimPrefix(body, []byte("\ufeff"))), nil
	}
	from := encodingOf(declared)
	switch mark := marked(body); {
	case declared == "" && mark != "":
		from = encodingOf(mark)
	case from == nil:
		from, flaw = guess(body, declared)
	case strings.HasPrefix(declared, "utf-16") || strings.HasPrefix(declared, "utf-32"):
		if mark == "" && len(body) >= surelyText && utf8.Valid(body) && bytes.IndexByte(body, 0) < 0 {
			flaw = &Flaw{fmt.Sprintf("the body is UTF-8, not %s as its charset says", declared), fmt.Sprintf("the charset says %s, but the body is UTF-8: it was read as UTF-8", declared)}
			from = unicode.UTF8
		}
	}
	out, err := from.NewDecoder().Bytes(body)
	if err != nil {
		out, _ = charmap.Windows1252.NewDecoder().Bytes(body)
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(out), "\ufffd"), "\ufeff"), flaw
}

// guess finds the encoding of a body whose charset is not known.
func guess(body []byte, declared string) (encoding.Encoding, *Flaw) {
	shown := cmp.Or(marked(body), unmarked(body))
	switch {
	case shown != "":
		return encodingOf(shown), &Flaw{fmt.Sprintf("unknown charset %.40q: send UTF-8", declared), fmt.Sprintf("unknown charset %.40q: the text was read as %s", declared, shown)}
	case utf8.Valid(body):
		return unicode.UTF8, &Flaw{fmt.Sprintf("unknown charset %.40q: send UTF-8", declared), fmt.Sprintf("unknown charset %.40q: the text was read as UTF-8", declared)}
	case mostlyUTF8(body):
		return unicode.UTF8, &Flaw{notUTF8, "the text is not all valid UTF-8: what is broken became U+FFFD"}
	}
	return charmap.Windows1252, &Flaw{notUTF8, "the text is not UTF-8: it was read as windows-1252"}
}

const notUTF8 = "the message is not valid UTF-8: convert it first"

// Evident reports whether a body shows or declares another charset than UTF-8.
func Evident(body []byte, contentType string) bool {
	return marked(body) != "" || unmarked(body) != "" || declaredIn(contentType) != ""
}

// inPlace is a body as a string without a copy: a body is not written to once it has been read, and a text may be large.
func inPlace(body []byte) string { return unsafe.String(unsafe.SliceData(body), len(body)) }

// mostlyUTF8 reports whether a text is UTF-8 with a few broken characters, as the end of a log that was cut by bytes is. Half a
// character at either end proves nothing.
func mostlyUTF8(body []byte) bool {
	for i := 0; i < utf8.UTFMax-1 && len(body) > 0 && !utf8.RuneStart(body[0]); i++ {
		body = body[1:]
	}
	whole, broken := 0, 0
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r != utf8.RuneError || n > 1:
			whole += min(n-1, 1)
		case !utf8.FullRune(body):
			return whole+min(len(body)-1, 1) > broken
		default:
			broken++
		}
		body = body[n:]
	}
	return whole > broken
}

// surelyText is the length from which bytes that are valid UTF-8 are unlikely to be text of two or four bytes a character.
const surelyText = 16

// marked is the charset that a byte order mark shows, empty for none and for UTF-8.
func marked(body []byte) string {
	switch {
	case len(body)%4 == 0 && (bytes.HasPrefix(body, []byte{0xff, 0xfe, 0, 0}) || bytes.HasPrefix(body, []byte{0, 0, 0xfe, 0xff})):
		return "utf-32"
	case len(body)%2 == 0 && (bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff})):
		return "utf-16"
	}
	return ""
}

// unmarked is UTF-16 where every other byte of a text is zero and no mark says so: programs of Windows send it by mistake.
func unmarked(body []byte) string {
	if len(body) < 4 || len(body)%2 != 0 || body[0] != 0 && body[1] != 0 {
		return ""
	}
	var zeros [2]int
	for i, c := range body {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[0] == 0 && zeros[1] >= len(body)/4:
		return "utf-16le"
	case zeros[1] == 0 && zeros[0] >= len(body)/4:
		return "utf-16be"
	}
	return ""
}

// declaredIn is the charset of a content type in lower case, empty when it is UTF-8, its part ASCII, or none.
func declaredIn(contentType string) string {
	if !strings.Contains(contentType, "harset") && !strings.Contains(contentType, "HARSET") {
		return ""
	}
	_, params, _ := mime.ParseMediaType(contentType)
	name := usual(strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(params["charset"], ""))))
	if e := encodingOf(name); e == unicode.UTF8 || name == "us-ascii" || name == "ascii" {
		return ""
	}
	return name
}
