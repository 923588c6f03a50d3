package packed_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"testing"

	"notifer/server/wire/packed"
)

// errBound is what the reader of these tests answers to more than its bound.
var errBound = errors.New("too large")

func unpack(body []byte, encodings ...string) (string, []packed.Flaw, error) {
	out, flaws, err := packed.Unpack(encodings, body, func(in io.Reader) ([]byte, error) {
		b, err := io.ReadAll(io.LimitReader(in, 1001))
		if len(b) > 1000 {
			return nil, errBound
		}
		return b, err
	}, func(err error) bool { return errors.Is(err, errBound) })
	return string(out), flaws, err
}

func pack(kind, text string) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, flate.BestSpeed)
	}
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	const text = "disk full on grün"
	whole := pack("gzip", strings.Repeat("disk full. ", 80))
	for name, row := range map[string]struct {
		encodings []string
		body      []byte
		want      string
		flaws     string // in what the warnings say, empty for none
	}{
		"plain":                    {[]string{"identity"}, []byte(text), text, ""},
		"gzip":                     {[]string{"gzip"}, pack("gzip", text), text, ""},
		"gzip in capitals":         {[]string{"GZIP"}, pack("gzip", text), text, ""},
		"x-gzip":                   {[]string{"x-gzip"}, pack("gzip", text), text, ""},
		"deflate":                  {[]string{"deflate"}, pack("zlib", text), text, ""},
		"deflate without its head": {[]string{"deflate"}, pack("flate", text), text, ""},
		"twice, in one line":       {[]string{"deflate, gzip"}, pack("gzip", string(pack("zlib", text))), text, ""},
		"twice, in two lines":      {[]string{"deflate", "gzip"}, pack("gzip", string(pack("zlib", text))), text, ""},
		"with empty entries":       {[]string{" , gzip, ,identity"}, pack("gzip", text), text, ""},
		"empty inside":             {[]string{"gzip"}, pack("gzip", ""), "", ""},
		"not packed at all":        {[]string{"gzip"}, []byte(text), text, "not gzip, as Content-Encoding says"},
		"not deflated at all":      {[]string{"deflate"}, []byte(text), text, "not deflate, as"},
		"text of an unknown kind":  {[]string{"br"}, []byte(text), text, `unknown Content-Encoding "br"`},
		"a charset as its kind":    {[]string{"utf-8"}, []byte(text), text, `unknown Content-Encoding "utf-8"`},
		"packed in one we lack":    {[]string{"br"}, []byte("\x0b\x04\x80disk full\x03"), "", "left out"},
		"packed in another":        {[]string{"gzip"}, pack("zlib", text), "", "left out"},
		"packed three times":       {[]string{"gzip, gzip, gzip"}, []byte(text), "", "3 times"},
		"cut at its end":           {[]string{"gzip"}, whole[:len(whole)-4], strings.Repeat("disk full. ", 80), "the end of the gzip body is damaged"},
		"cut in its head":          {[]string{"gzip"}, whole[:10], "", "damaged: the body was left out"},
	} {
		got, flaws, err := unpack(row.body, row.encodings...)
		var said []string
		for _, f := range flaws {
			said = append(said, f.Warning)
			if f.Refusal == "" || f.Lost != strings.Contains(f.Warning, "left out") {
				t.Errorf("%s: flaw %+v", name, f)
			}
		}
		warned := strings.Join(said, "; ")
		if err != nil || got != row.want || (warned == "") != (row.flaws == "") || !strings.Contains(warned, row.flaws) {
			t.Errorf("%s: Unpack = %q, %q, %v, want %q and %q", name, got, warned, err, row.want, row.flaws)
		}
	}
}

// A small body that unpacks to a large one ends at the bound of who reads it, also inside another.
func TestUnpackIsBounded(t *testing.T) {
	bomb := pack("gzip", strings.Repeat("a", 1<<20))
	for name, body := range map[string][]byte{"gzip": bomb, "gzip, gzip": pack("gzip", string(bomb))} {
		if out, _, err := unpack(body, name); out != "" || !errors.Is(err, errBound) {
			t.Errorf("%s: Unpack = %d bytes, %v, want %v", name, len(out), err, errBound)
		}
	}
}
