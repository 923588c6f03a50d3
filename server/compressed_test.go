package server_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"io"
	"mime/multipart"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// packer is a writer of an encoding; one takes a megabyte to make, and is used again.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

var packers = map[string]*sync.Pool{
	"gzip": {New: func() any { return gzip.NewWriter(nil) }},
	"zlib": {New: func() any { return zlib.NewWriter(nil) }},
	"flate": {New: func() any {
		w, _ := flate.NewWriter(nil, -1)
		return w
	}},
}

// packed is a text in an encoding of bodies.
func packed(kind, text string) []byte {
	var b bytes.Buffer
	w := packers[kind].Get().(packer)
	defer packers[kind].Put(w)
	w.Reset(&b)
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

// TestCompressedBodies are unpacked within the bounds of a body. What cannot be read is left out beside a title, and refused without.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{BodyBytes: 100 << 10})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	zip, bomb := packed("gzip", "disk full"), packed("gzip", strings.Repeat("x", 64<<20))
	for name, row := range map[string]struct {
		encoding, contentType string
		body                  []byte
		status                int
		want, warning         string
	}{
		"gzip":              {"gzip", "", zip, 200, "disk full", ""},
		"in capitals":       {"GZIP", "", zip, 200, "disk full", ""},
		"its old name":      {"x-gzip", "", zip, 200, "disk full", ""},
		"JSON":              {"gzip", "application/json", packed("gzip", `{"message":"disk full"}`), 200, "disk full", ""},
		"a form":            {"gzip", "multipart/form-data; boundary=b", packed("gzip", part("message", "disk full")+"--b--"), 200, "disk full", ""},
		"a charset":         {"gzip", "text/plain; charset=iso-8859-1", packed("gzip", "caf\xe9"), 200, "café", ""},
		"deflate":           {"deflate", "", packed("zlib", "disk full"), 200, "disk full", ""},
		"bare deflate":      {"deflate", "", packed("flate", "disk full"), 200, "disk full", ""},
		"identity":          {"identity", "", []byte("disk full"), 200, "disk full", ""},
		"twice":             {"deflate, gzip", "", packed("gzip", string(packed("zlib", "disk full"))), 200, "disk full", ""},
		"not packed":        {"gzip", "", []byte("disk full"), 200, "disk full", "not gzip"},
		"a charset in it":   {"utf-8", "", []byte("disk full"), 200, "disk full", "unknown Content-Encoding"},
		"cut short":         {"gzip", "", packed("gzip", strings.Repeat("disk full\n", 3000))[:60], 200, "disk full", "damaged"},
		"one we cannot":     {"br", "", []byte("\x0b\x04\x80disk full\x03"), 415, "", "gzip, deflate"},
		"a bomb":            {"gzip", "", bomb, 413, "", "larger than"},
		"a bomb in a bomb":  {"gzip, gzip", "", packed("gzip", string(bomb)), 413, "", "larger than"},
		"packed many times": {strings.Repeat("gzip,", 9), "", zip, 415, "", "9 times"},
		"nothing in it":     {"gzip", "", packed("gzip", ""), 422, "", "empty"},
	} {
		rec := h.sent("POST", "/ops-east", row.body, "X-Topic-Token", token, "Content-Encoding", row.encoding, "Content-Type", row.contentType)
		var got api.Message
		json.Unmarshal(rec.Body.Bytes(), &got)
		if rec.Code != row.status || !strings.HasPrefix(got.Message, row.want) || row.status == 200 && (len(got.Warnings) > 0) != (row.warning != "") || !strings.Contains(rec.Body.String(), row.warning) {
			t.Errorf("%s: %d %.300s", name, rec.Code, rec.Body)
		}
		if row.status != 415 {
			continue
		}
		rec = h.sent("POST", "/ops-east?title=T", row.body, "X-Topic-Token", token, "Content-Encoding", row.encoding)
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"message":"T"`) || !strings.Contains(rec.Body.String(), "left out") {
			t.Errorf("%s with a title: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// TestCharsets: what a sender declares is read, under all its usual names.
func TestCharsets(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	utf16, utf32le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	for name, row := range map[string]struct {
		e    encoding.Encoding
		text string
	}{
		"shift_jis": {japanese.ShiftJIS, "ディスク満杯"}, "Shift_JIS": {japanese.ShiftJIS, "ディスク満杯"}, "cp932": {japanese.ShiftJIS, "ディスク"}, "euc-jp": {japanese.EUCJP, "ディスク満杯"}, "iso-2022-jp": {japanese.ISO2022JP, "ディスク満杯"},
		"gb2312": {simplifiedchinese.GBK, "磁盘已满"}, "gbk": {simplifiedchinese.GBK, "磁盘已满"}, "gb18030": {simplifiedchinese.GB18030, "磁盘已满 😀"}, "big5": {traditionalchinese.Big5, "磁碟已滿"},
		"euc-kr": {korean.EUCKR, "디스크 꽉 참"}, "ks_c_5601-1987": {korean.EUCKR, "디스크 꽉 참"}, "koi8-r": {charmap.KOI8R, "Диск заполнен"}, "koi8-u": {charmap.KOI8U, "Диск"}, "windows-1251": {charmap.Windows1251, "Диск"},
		"cp1251": {charmap.Windows1251, "Диск"}, "iso-8859-5": {charmap.ISO8859_5, "Диск"}, "windows-1253": {charmap.Windows1253, "δίσκος"}, "windows-1255": {charmap.Windows1255, "דיסק"}, "iso-8859-9": {charmap.ISO8859_9, "ğış"},
		"macintosh": {charmap.Macintosh, "plné ü"}, "cp437": {charmap.CodePage437, "äöü"}, "cp850": {charmap.CodePage850, "äöü"}, "tis-620": {charmap.Windows874, "ดิสก์"}, "latin1": {charmap.Windows1252, "café €"},
		"utf-16le": {utf16, "диск"}, "utf-16": {utf16, "диск"}, "utf-32le": {utf32le, "диск 😀"}, "utf-32": {utf32le, "диск 😀"}, "utf-8": {unicode.UTF8, "диск"}, "us-ascii": {unicode.UTF8, "диск"}, "utf-8-sig": {unicode.UTF8BOM, "диск"},
	} {
		body, err := row.e.NewEncoder().Bytes([]byte(row.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		asJSON, _ := row.e.NewEncoder().Bytes([]byte(`{"message":"` + row.text + `"}`))
		for contentType, body := range map[string][]byte{"text/plain; charset=" + name: body, `text/plain; charset="` + strings.ToUpper(name) + `"`: body, "application/json; charset=" + name: asJSON} {
			rec := h.sent("POST", "/ops-east", body, "X-Topic-Token", token, "Content-Type", contentType)
			var got api.Message
			if json.Unmarshal(rec.Body.Bytes(), &got); rec.Code != 200 || got.Message != row.text || len(got.Warnings) > 0 {
				t.Errorf("%s: %d %s, want %q", contentType, rec.Code, rec.Body, row.text)
			}
		}
	}
	for name, row := range map[string]struct{ contentType, body, want, warning string }{
		"UTF-8 that says it is UTF-16": {"text/plain; charset=utf-16", "the disk of nas is full", "the disk of nas is full", "read as UTF-8"},
		"a mark of UTF-32":             {"", "\xff\xfe\x00\x00d\x00\x00\x00", "d", ""},
		"UTF-16 that does not say so":  {"", "d\x00\xef\x00s\x00k\x00", "dïsk", "utf-16le"},
		"the other UTF-16":             {"application/json", "\x00{\x00\"\x00m\x00e\x00s\x00s\x00a\x00g\x00e\x00\"\x00:\x00\"\x00d\x00\"\x00}", "d", "utf-16be"},
		"a mark of UTF-16":             {"text/plain; charset=utf-16le", "\xfe\xff\x00d", "d", ""},
		"an unknown name":              {"text/plain; charset=what", "dïsk", "dïsk", "unknown charset"},
		"one that nobody should use":   {"text/plain; charset=iso-2022-kr", "disk", "disk", "unknown charset"},
	} {
		rec := h.sent("POST", "/ops-east", []byte(row.body), "X-Topic-Token", token, "Content-Type", row.contentType)
		var got api.Message
		if json.Unmarshal(rec.Body.Bytes(), &got); rec.Code != 200 || got.Message != row.want || (len(got.Warnings) > 0) != (row.warning != "") || !strings.Contains(rec.Body.String(), row.warning) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// TestFilesInForms: no file is kept, and none costs the message beside it. A file of text is the message where there is no other.
func TestFilesInForms(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for name, row := range map[string]struct {
		query, field, file string
		want               string
		status             int
	}{
		"beside a message": {"", "message", "\x89PNG\x00", "hello", 200}, "beside a title": {"", "title", "\x89PNG\x00", "hello", 200}, "beside a title in the URL": {"?title=T", "", "\x89PNG\x00", "T", 200},
		"beside a message in the URL": {"?message=M", "", "\x89PNG\x00", "M", 200}, "alone": {"", "", "\x89PNG\x00", "", 415}, "of text": {"", "", "df: 100%", "df: 100%", 200}, "of text beside a message": {"", "message", "df", "hello", 200},
		"of text beside a title": {"", "title", "df: 100%", "df: 100%", 200},
	} {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		f, _ := m.CreateFormFile("attachment", "report")
		io.WriteString(f, row.file)
		if row.field != "" {
			m.WriteField(row.field, "hello")
		}
		m.Close()
		rec := h.sent("POST", "/ops-east"+row.query, b.Bytes(), "Authorization", "Bearer "+h.jwt, "Content-Type", m.FormDataContentType())
		var got api.Message
		json.Unmarshal(rec.Body.Bytes(), &got)
		if rec.Code != row.status || got.Message != row.want || row.status == 200 && (len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], `"report"`)) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}
