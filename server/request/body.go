package request

import (
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
	body, err := readWithin(c, limit, what)
	if err == nil {
		err = c.StillAllowed()
	}
	return body, err
}

func readWithin(c *Call, limit int, what string) ([]byte, error) {
	n := c.R.ContentLength
	if n > int64(limit) {
		return nil, TooLarge(what, limit)
	}
	if n == 0 {
		return nil, nil
	}
	if n > 0 {
		return readLength(c, make([]byte, n))
	}
	body, err := io.ReadAll(io.LimitReader(newPaced(c), int64(limit)+1))
	if err == nil && len(body) > limit {
		return nil, TooLarge(what, limit)
	}
	return body, cutShort(err)
}

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

func cutShort(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Problem{Status: http.StatusRequestTimeout, Detail: "the body came too slowly: send it again"}
	}
	return BadRequest("the body did not arrive whole: send it again")
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
