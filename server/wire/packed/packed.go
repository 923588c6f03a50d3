// Package packed undoes the Content-Encoding of bodies. It knows no request: how many bytes may be unpacked is decided by who reads them.
package packed

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPackings is how often a body may be packed.
const maxPackings = 2

// Flaw is what was wrong with a body: Refusal says what to send instead, Warning what was done.
type Flaw struct {
	Refusal, Warning string
	Damaged          bool // it is packed as it says but broken; otherwise its encoding is unknown or another one
	Lost             bool // nothing of it could be read
}

// Unpack undoes the encodings of a body, which are the values of its Content-Encoding. What one of them unpacks to is read by read, which
// bounds it: a small body may unpack to gigabytes. What read returns with an error that bounded reports is an error here too; any other
// error means that the body is damaged, and what came before it is kept. A body that is not what its encoding says is kept as it is, if
// that can be read.
func Unpack(encodings []string, body []byte, read func(io.Reader) ([]byte, error), bounded func(error) bool) (out []byte, flaws []Flaw, err error) {
	names := packings(encodings)
	if len(names) > maxPackings {
		return nil, append(flaws, lost("the body is compressed %d times", len(names))), nil
	}
	for len(names) > 0 {
		name := names[len(names)-1]
		names = names[:len(names)-1]
		in, known := unpacker(name, body)
		switch {
		case in == nil && !readable(body):
			return nil, append(flaws, lost("Content-Encoding %.40q cannot be read here", name)), nil
		case in == nil:
			flaws = append(flaws, mislabelled(name, known))
			continue
		}
		out, err := read(in)
		switch {
		case err != nil && bounded(err):
			return nil, flaws, err
		case err != nil && len(out) == 0:
			return nil, append(flaws, lost("the %s body is damaged", name)), nil
		case err != nil:
			flaws = append(flaws, Flaw{Damaged: true, Refusal: fmt.Sprintf("the %s body is damaged: send it again", name),
				Warning: fmt.Sprintf("the end of the %s body is damaged: what could be read was stored", name)})
		}
		body = out
	}
	return body, flaws, nil
}

// lost is the flaw of a body that cannot be read.
func lost(format string, args ...any) Flaw {
	what := fmt.Sprintf(format, args...)
	return Flaw{Lost: true, Refusal: what + ": send it with gzip, deflate or uncompressed", Warning: what + ": the body was left out"}
}

// mislabelled is the flaw of a readable body that is not packed.
func mislabelled(name string, known bool) Flaw {
	f := Flaw{Refusal: "the body is not what Content-Encoding says: send it with gzip, deflate or without that header",
		Warning: fmt.Sprintf("unknown Content-Encoding %.40q: the body was read as it is", name)}
	if known {
		f.Warning = fmt.Sprintf("the body is not %s, as Content-Encoding says: it was read as it is", name)
	}
	return f
}

// packings are the encodings of a body in the order in which they were applied.
func packings(encodings []string) (names []string) {
	for name := range strings.SplitSeq(strings.Join(encodings, ","), ",") {
		name = strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(name, "?")))
		if name != "" && name != "identity" {
			names = append(names, name)
		}
	}
	return names
}

// unpacker reads a packed body, nil when the body is not of that kind or the kind is not known.
func unpacker(name string, body []byte) (r io.Reader, known bool) {
	switch name {
	case "gzip", "x-gzip":
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			return z, true
		}
		return nil, true
	case "deflate":
		if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			return z, true
		}
		if readable(body) {
			return nil, true
		}
		in := bufio.NewReader(flate.NewReader(bytes.NewReader(body))) // as many send it, against the standard
		if _, err := in.Peek(1); err == nil {
			return in, true
		}
		return nil, true
	}
	return nil, false
}

// readable reports whether bytes are text that a person can read.
func readable(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return r != '\n' && r != '\r' && r != '\t' && unicode.IsControl(r) }) < 0
}
