package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

// problem is an error with a status of its own and a text for the caller that says what to change.
type problem struct {
	status int
	detail string
	after  time.Duration // Retry-After, when positive
}

func (p *problem) Error() string { return p.detail }

func badRequest(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, detail: fmt.Sprintf(format, args...)}
}

func unprocessable(format string, args ...any) error {
	return &problem{status: http.StatusUnprocessableEntity, detail: fmt.Sprintf(format, args...)}
}

func tooLarge(what string, limit int) error {
	return &problem{status: http.StatusRequestEntityTooLarge,
		detail: fmt.Sprintf("%s is larger than %d bytes: send less", what, limit)}
}

func tooMany(after time.Duration, format string, args ...any) error {
	return &problem{status: http.StatusTooManyRequests, detail: fmt.Sprintf(format, args...), after: after}
}

// statuses maps the conditions of the packages below to a status and the text for the caller; an empty text means the
// error's own. What is in no table is a 500 and tells nothing.
var statuses = []struct {
	err    error
	status int
	detail string
	after  time.Duration
}{
	{auth.ErrUnauthenticated, http.StatusUnauthorized, "", 0},
	{auth.ErrForbidden, http.StatusForbidden, "", 0},
	{auth.ErrNotFound, http.StatusNotFound, "", 0},
	{auth.ErrConflicting, http.StatusBadRequest, "", 0},
	{auth.ErrInvalid, http.StatusUnprocessableEntity, "", 0},
	{auth.ErrBusy, http.StatusServiceUnavailable, "", 2 * time.Second},
	{db.ErrNotFound, http.StatusNotFound, "not found", 0},
	{db.ErrTaken, http.StatusConflict, "already taken: choose another", 0},
	{db.ErrReused, http.StatusConflict, "this X-Idempotency-Key was used for another message: use a new key", 0},
	{db.ErrLast, http.StatusConflict, "the last admin can be neither deleted, disabled nor made an ordinary user", 0},
	{db.ErrLimit, http.StatusConflict, "the topic has as many live tokens as it may: revoke one first", 0},
	{db.ErrFull, http.StatusInsufficientStorage, "the server's disk is full: nothing was stored", 10 * time.Second},
	{db.ErrIO, http.StatusServiceUnavailable, "the server's store cannot be written: nothing was stored", 5 * time.Second},
	{db.ErrClosed, http.StatusServiceUnavailable, "the server is stopping", 2 * time.Second},
	{context.Canceled, 499, "the client went away", 0},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "it took too long: try again", 2 * time.Second},
}

// explain turns an error into a status and a body. known is false for a 500.
func explain(err error) (status int, body api.Error, after time.Duration, known bool) {
	if p, ok := errors.AsType[*problem](err); ok {
		return p.status, api.Error{Detail: p.detail}, p.after, true
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return s.status, api.Error{Detail: detailOf(err, s.detail), Hint: hintOf(err)}, s.after, true
		}
	}
	return http.StatusInternalServerError, api.Error{}, 0, false
}

func detailOf(err error, fixed string) string {
	if fixed != "" {
		return fixed
	}
	if r, ok := errors.AsType[*auth.Refusal](err); ok {
		return r.Detail
	}
	if text, ok := strings.CutPrefix(err.Error(), auth.ErrInvalid.Error()+": "); ok {
		return text
	}
	return err.Error()
}

func hintOf(err error) string {
	if r, ok := errors.AsType[*auth.Refusal](err); ok {
		return r.Hint
	}
	return ""
}

// challenge comes with every 401, RFC 9110 section 15.5.2.
var challenge = []string{`Bearer realm="notifer"`}

// fail answers with an error as JSON, or as a page on the routes of pages. An unknown one is logged under an id, and the
// id is all the caller learns.
func (s *Server) fail(c *call, err error) {
	status, body, after, known := explain(err)
	s.meters.refuse(status, err)
	if c.route.Via == viaPage && !isJSON(c.r.Header.Get("Content-Type")) {
		s.failPage(c, err)
		return
	}
	if !known {
		body.Detail = "internal error " + s.logFault(c, err)
	}
	h := c.w.Header()
	if after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	}
	if status == http.StatusUnauthorized {
		h["Www-Authenticate"] = challenge
	}
	if status >= 400 && c.r.ContentLength != 0 {
		s.drain(c)
	}
	writeError(c.w, status, body)
}

// writeError answers as writeJSON does, without reflection: a flood of wrong tokens is answered here.
func writeError(w http.ResponseWriter, status int, e api.Error) {
	b := replies.Get().(*[]byte)
	*b = appendString(append((*b)[:0], `{"detail":`...), e.Detail, false)
	if e.Hint != "" {
		*b = appendString(append(*b, `,"hint":`...), e.Hint, false)
	}
	*b = append(*b, "}\n"...)
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	w.Write(*b)
	replies.Put(b)
}

// drain lets a small body that is on its way be read by the server, so that the connection can be kept and the client
// reads the answer; a large one closes the connection.
func (s *Server) drain(c *call) {
	if n := c.r.ContentLength; n < 0 || n > 256<<10 {
		c.w.Header().Set("Connection", "close")
	}
}

var jsonType = []string{"application/json; charset=utf-8"}

// writeJSON answers with a value as JSON, without escaping for HTML.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client has left
}

func noContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
