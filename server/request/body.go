package request

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Bounds of the pace of a body that does not come at once: after a grace it has to keep up a rate, and it has to be
// there before the server's own time limit (slow bodies hold a connection each).
const (
	bodyGrace = 5 * time.Second
	bodyRate  = 1 << 10 // bytes a second
	bodyTime  = 30 * time.Second
)

// ReadBody reads the whole body, or refuses it before reading when it says it is too large. It fails as well when the caller
// has lost the right to the request by the time the body is there.
func ReadBody(c *Call, limit int, what string) ([]byte, error) {
	if err := c.Site.limitBody(c); err != nil {
		return nil, err
	}
	body, err := readWithin(c, limit, what)
	if !c.rewound {
		c.received += len(body)
	}
	c.rewound = false
	if err == nil {
		err = c.StillAllowed()
	}
	return body, err
}

// KeepBody reads the body like ReadBody, and lets it be read once more.
func KeepBody(c *Call, limit int, what string) ([]byte, error) {
	body, err := ReadBody(c, limit, what)
	if err == nil {
		Rewind(c, body)
	}
	return body, err
}

// Rewind lets a body that was read be read once more. It has been received once; what is unpacked of it twice counts twice, as it costs twice.
func Rewind(c *Call, body []byte) {
	c.R.Body, c.R.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	c.rewound = true
}

func readWithin(c *Call, limit int, what string) ([]byte, error) {
	n := c.R.ContentLength
	if n > int64(limit) {
		return nil, tooLarge(what, limit)
	}
	if n == 0 {
		return nil, nil
	}
	if n > 0 && n <= smallBody {
		return readLength(c, make([]byte, n))
	}
	if n < 0 {
		n = int64(limit) + 1 // at most
	}
	body, err := readGrowing(c, int(n))
	if err == nil && len(body) > limit {
		return nil, tooLarge(what, limit)
	}
	return body, err
}

// smallBody is a body that is not counted: its connection costs as much.
const smallBody = 1 << 10

// readLength fills body. Nearly always one read does, and then no clock is looked at.
func readLength(c *Call, body []byte) ([]byte, error) {
	n, err := c.R.Body.Read(body)
	if n == len(body) {
		return body, nil
	}
	if err == nil {
		p := newPaced(c)
		p.allow(n)
		_, err = io.ReadFull(p, body[n:])
	}
	return body, cutShort(err)
}

// readGrowing reads at most n bytes into a buffer that grows with what arrives, not with what was announced. It is counted before it
// grows.
func readGrowing(c *Call, n int) ([]byte, error) {
	body := make([]byte, 0, smallBody)
	in := newPaced(c)
	for {
		if len(body) == n {
			return body, nil
		}
		if len(body) == cap(body) {
			size := min(4*cap(body), n)
			if err := c.hold(size - c.held); err != nil {
				return nil, err
			}
			body = append(make([]byte, 0, size), body...)
		}
		k, err := in.Read(body[len(body):cap(body)])
		body = body[:len(body)+k]
		switch {
		case err == io.EOF && c.R.ContentLength < 0:
			return body, nil
		case err == io.EOF && len(body) < n:
			return nil, cutShort(io.ErrUnexpectedEOF)
		case err != nil && err != io.EOF:
			return nil, cutShort(err)
		}
	}
}

// ReadUnpacked reads what a body unpacks to, at most limit bytes of it, and counts it beside the body. What came before an error is
// returned with it.
func ReadUnpacked(c *Call, from io.Reader, limit int, what string) ([]byte, error) {
	body := make([]byte, 0, smallBody)
	for {
		if len(body) == cap(body) {
			size := min(4*cap(body), limit+1)
			if err := c.hold(size - cap(body)); err != nil {
				return nil, err
			}
			body = append(make([]byte, 0, size), body...)
		}
		k, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+k]
		switch {
		case len(body) > limit:
			return nil, tooLarge(what, limit)
		case err == io.EOF:
			c.received += len(body)
			return body, nil
		case err != nil:
			return body, err
		}
	}
}

func cutShort(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Problem{Status: http.StatusRequestTimeout, Detail: "the body arrived too slowly, or has fewer bytes than Content-Length says: send it again"}
	}
	return BadRequest("the body is incomplete, or has fewer bytes than Content-Length says: send it again")
}

// paced reads a body under a deadline that moves with what has come.
type paced struct {
	body  io.Reader
	rc    *http.ResponseController
	began time.Time
	read  int
}

func newPaced(c *Call) *paced {
	p := &paced{body: c.R.Body, rc: http.NewResponseController(c.W), began: time.Now()}
	p.allow(0)
	return p
}

func (p *paced) allow(n int) {
	p.read += n
	until := p.began.Add(min(bodyGrace+time.Duration(p.read/bodyRate)*time.Second, bodyTime))
	_ = p.rc.SetReadDeadline(until) // where the connection knows none, the server's own limit holds
}

// Read implements io.Reader. The end of the body gives the connection its usual time back.
func (p *paced) Read(b []byte) (int, error) {
	n, err := p.body.Read(b)
	if p.allow(n); err == io.EOF {
		_ = p.rc.SetReadDeadline(time.Now().Add(bodyTime))
	}
	return n, err
}
