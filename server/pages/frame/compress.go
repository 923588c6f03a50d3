package frame

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"notifer/server/request"
	"notifer/static"
)

// minCompressed is the size in bytes from which a page is compressed: a smaller one fits into the first packets of a connection as it is.
const minCompressed = 1 << 10

var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// send answers with a rendered page, compressed where the browser takes that. It is all in memory, and here it is known
// whether it holds a secret, so this needs no handler around the streams and downloads that must stay as they are.
func (p *Frame) send(c *request.Call, status int, page *bytes.Buffer) error {
	h := c.W.Header()
	h.Set("Vary", "Accept-Encoding")
	if !c.Secret && page.Len() >= minCompressed && static.TakesGzip(c.R.Header.Get("Accept-Encoding")) {
		packed, err := compress(page.Bytes())
		if err != nil {
			return err
		}
		page = packed
		h.Set("Content-Encoding", "gzip")
	}
	c.EndPage()
	if err := c.HoldReply(page.Cap()); err != nil && status < http.StatusBadRequest {
		h.Del("Content-Encoding")
		return err
	}
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	c.W.WriteHeader(status)
	if c.R.Method != http.MethodHead {
		c.W.Write(page.Bytes())
	}
	return nil
}

// compress is the gzip of a page. A comment of random length blurs what its size reveals about the page to an attacker who can choose a part
// of it (BREACH); pages with a secret are not compressed at all.
func compress(page []byte) (*bytes.Buffer, error) {
	var out bytes.Buffer
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&out)
	var random [1]byte
	rand.Read(random[:])
	z.Comment = strings.Repeat(" ", int(random[0]%64))
	if _, err := z.Write(page); err != nil {
		return nil, err
	}
	return &out, z.Close()
}
