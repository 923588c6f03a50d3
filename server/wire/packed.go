package wire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"notifer/server/manage"
	"notifer/server/request"
)

// readBody reads the body of a publish and unpacks it.
func readBody(c *request.Call, limit int, d *manage.Draft) ([]byte, error) {
	body, err := request.ReadBody(c, limit, "the message")
	if err != nil || len(c.R.Header["Content-Encoding"]) == 0 || len(body) == 0 {
		return body, err
	}
	return unpack(c, body, limit, d)
}

// maxPackings is how often a body may be packed.
const maxPackings = 2

// unpack undoes the Content-Encoding of a body. What it unpacks to is bounded and counted as the body itself: a small one may unpack to
// gigabytes. A body that is not what the header says is read as it is, if that can be read.
func unpack(c *request.Call, body []byte, limit int, d *manage.Draft) ([]byte, error) {
	names := packings(c.R.Header)
	if len(names) > maxPackings {
		return nil, leaveOut(d, "the body is compressed %d times", len(names))
	}
	for len(names) > 0 {
		name := names[len(names)-1]
		names = names[:len(names)-1]
		in, known := unpacker(name, body)
		if in == nil {
			if !readable(body) {
				return nil, leaveOut(d, "Content-Encoding %.40q cannot be read here", name)
			}
			refusal := &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: "the body is not what Content-Encoding says: send it with gzip, deflate or without that header"}
			if known {
				d.Fault(refusal, "the body is not %s, as Content-Encoding says: it was read as it is", name)
			} else {
				d.Fault(refusal, "Content-Encoding %.40q is not known: the body was read as it is", name)
			}
			continue
		}
		out, err := request.ReadUnpacked(c, in, limit, "the message")
		if _, refused := errors.AsType[*request.Problem](err); refused {
			return nil, err
		}
		if err != nil {
			if len(out) == 0 {
				return nil, leaveOut(d, "the %s body is damaged", name)
			}
			d.Fault(request.BadRequest("the %s body is damaged: send it again", name), "the end of the %s body is damaged: what could be read was stored", name)
		}
		body = out
	}
	return body, nil
}

// leaveOut notes that a body cannot be read. Without a title nothing is left to store.
func leaveOut(d *manage.Draft, format string, args ...any) error {
	why := request.BadRequest(format+": send it with gzip, deflate or uncompressed", args...)
	d.Unread = &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: why.Error()}
	d.Fault(d.Unread, format+": the body was left out", args...)
	return nil
}

// packings are the encodings of a body in the order in which they were applied.
func packings(h http.Header) (names []string) {
	for name := range strings.SplitSeq(strings.Join(h["Content-Encoding"], ","), ",") {
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
