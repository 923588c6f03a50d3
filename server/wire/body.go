package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/wire/packed"
)

// readBody reads the body of a publish and unpacks it. One that cannot be unpacked is left out: without a title nothing is left to store.
func readBody(c *request.Call, limit int, d *manage.Draft) ([]byte, error) {
	body, err := request.ReadBody(c, limit, "the message")
	encodings := c.R.Header["Content-Encoding"]
	if err != nil || len(encodings) == 0 || len(body) == 0 {
		return body, err
	}
	body, flaws, err := packed.Unpack(encodings, body, func(in io.Reader) ([]byte, error) { return request.ReadUnpacked(c, in, limit, "the message") }, isProblem)
	for _, f := range flaws {
		refusal := &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: f.Refusal}
		if f.Damaged {
			refusal.Status = http.StatusBadRequest
		}
		if f.Lost {
			d.Unread = refusal
		}
		d.Fault(refusal, "%s", f.Warning)
	}
	return body, err
}

// gunzip unpacks a body that is compressed without saying so, as a rotated log is. It stays as it is when it holds anything but text.
func gunzip(c *request.Call, body []byte, limit int, d *manage.Draft) []byte {
	if !bytes.HasPrefix(body, []byte("\x1f\x8b\x08")) || d.Unread != nil {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	text, err := request.ReadUnpacked(c, z, limit, "the message")
	if err != nil || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return body
	}
	d.Fault(noFiles, "the body is compressed with gzip, which Content-Encoding does not say: it was decompressed")
	return text
}

func isProblem(err error) bool {
	_, is := errors.AsType[*request.Problem](err)
	return is
}
