package wire

import (
	"errors"
	"io"
	"net/http"

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

func isProblem(err error) bool {
	_, is := errors.AsType[*request.Problem](err)
	return is
}
