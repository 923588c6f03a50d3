package wire

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"notifer/server/manage"
	"notifer/server/request"
)

// charsets are the ones that senders declare, by their usual names. Latin-1 is read as Windows-1252, as browsers do.
var charsets = map[string]encoding.Encoding{
	"iso-8859-1": charmap.Windows1252, "latin1": charmap.Windows1252, "us-ascii": charmap.Windows1252, "ascii": charmap.Windows1252,
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252, "iso-8859-15": charmap.ISO8859_15, "iso-8859-2": charmap.ISO8859_2,
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "cp437": charmap.CodePage437, "cp850": charmap.CodePage850,
	"utf-16":   unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
}

// decodeText is a body as UTF-8: in the charset that the sender declares or a byte order mark shows, else as UTF-8, else as
// Windows-1252.
func decodeText(body []byte, contentType string, d *manage.Draft) (string, error) {
	declared := declaredCharset(contentType)
	if declared == "" && utf8.Valid(body) {
		return string(bytes.TrimPrefix(body, []byte("\ufeff"))), nil
	}
	if declared == "" && len(body)%2 == 0 && (bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff})) {
		declared = "utf-16"
	}
	from := charsets[declared]
	switch {
	case from != nil:
	case utf8.Valid(body):
		d.Fault(request.BadRequest("the charset %.40q is not known: send UTF-8", declared), "the charset %.40q is not known: the text was read as UTF-8", declared)
		return string(bytes.TrimPrefix(body, []byte("\ufeff"))), nil
	default:
		d.Fault(request.BadRequest("the message is not valid UTF-8: convert it first"), "the text is not UTF-8: it was read as windows-1252")
		from = charmap.Windows1252
	}
	text, err := from.NewDecoder().Bytes(body)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(text), "\ufffd"), "\ufeff"), nil
}

// declaredCharset is the charset of a content type in lower case, empty when it is UTF-8 or none.
func declaredCharset(contentType string) string {
	if !strings.Contains(contentType, "harset") && !strings.Contains(contentType, "HARSET") {
		return ""
	}
	_, params, _ := mime.ParseMediaType(contentType)
	switch name := strings.ToLower(strings.ToValidUTF8(params["charset"], "")); name {
	case "utf-8", "utf8":
		return ""
	default:
		return name
	}
}
