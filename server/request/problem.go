package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/auth/argon"
)

// Problem is an error with a status of its own and a text for the caller that says what to change.
type Problem struct {
	Status    int           // of HTTP
	Detail    string        // what is wrong, and what to change
	Hint      string        // what helps with a refused credential, empty for nothing
	After     time.Duration // Retry-After, in whole seconds; 0: none
	ID        string        // under which an internal error is in the log
	Err       error         // what it was made of, nil for a problem that began as one
	Corrected string        // what became of it where the request is taken all the same, empty when there is nothing to say
}

func (p *Problem) Error() string { return p.Detail }

func (p *Problem) Unwrap() error { return p.Err }

// SetRetryAfter sets the header that says in how many seconds to come back (RFC 9110 section 10.2.3), where the problem has a time for that.
func (p *Problem) SetRetryAfter(h http.Header) {
	if p.After > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.After/time.Second)))
	}
}

// BadRequest is a 400: the request cannot be read.
func BadRequest(format string, args ...any) error {
	return &Problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
}

// Unprocessable is a 422: what was read cannot be done.
func Unprocessable(format string, args ...any) error {
	return &Problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf(format, args...)}
}

// tooLarge is a 413: what has more bytes than the limit.
func tooLarge(what string, limit int) error {
	return &Problem{Status: http.StatusRequestEntityTooLarge,
		Detail: fmt.Sprintf("%s is larger than %d bytes: send less", what, limit)}
}

// tooMany is a 429: the caller may come back after a time, in whole seconds.
func tooMany(after time.Duration, format string, args ...any) error {
	return &Problem{Status: http.StatusTooManyRequests, Detail: fmt.Sprintf(format, args...), After: after}
}

// statuses maps the conditions of the packages below to a status and the text for the caller; an empty text means the
// error's own. Any other error is a 500 that says nothing about itself.
var statuses = []struct {
	err    error
	status int
	detail string
	after  time.Duration
}{
	{auth.ErrUnauthenticated, http.StatusUnauthorized, "", 0},
	{auth.ErrForbidden, http.StatusForbidden, "", 0},
	{auth.ErrNotFound, http.StatusNotFound, "", 0},
	{auth.ErrTwoCredentials, http.StatusBadRequest, "", 0},
	{auth.ErrInvalid, http.StatusUnprocessableEntity, "", 0},
	{auth.ErrMalformed, http.StatusBadRequest, "", 0},
	{auth.ErrConflict, http.StatusConflict, "", 0},
	{auth.ErrTooLarge, http.StatusRequestEntityTooLarge, "", 0},
	{auth.ErrCodes, http.StatusTooManyRequests, "", 10 * time.Minute},
	{argon.ErrBusy, http.StatusServiceUnavailable, "", 2 * time.Second},
	{db.ErrNotFound, http.StatusNotFound, "not found", 0},
	{db.ErrTaken, http.StatusConflict, "already taken: choose another", 0},
	{db.ErrReused, http.StatusConflict, "this X-Idempotency-Key was used for another message: use a new key", 0},
	{db.ErrDamaged, http.StatusConflict, "this message is damaged and cannot be edited: delete it", 0},
	{db.ErrLast, http.StatusConflict, "the last admin can be neither deleted, disabled nor made an ordinary user", 0},
	{db.ErrLimit, http.StatusConflict, "", 0},
	{db.ErrFull, http.StatusInsufficientStorage, "the server's disk is full: nothing was stored", 10 * time.Second},
	{db.ErrIO, http.StatusServiceUnavailable, "the server's database cannot be read or written: nothing was stored", 5 * time.Second},
	{db.ErrClosed, http.StatusServiceUnavailable, "the server is stopping", 2 * time.Second},
	{context.Canceled, 499, "the client went away", 0},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "it took too long: try again", 2 * time.Second},
}

// Explain returns what the caller is told of an error. known is false for a 500, of which the caller is told nothing.
func Explain(err error) (p Problem, known bool) {
	if p, ok := errors.AsType[*Problem](err); ok {
		return *p, true
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			return Problem{Status: s.status, Detail: detailOf(err, s.detail), Hint: hintOf(err), After: s.after, Err: err}, true
		}
	}
	return Problem{Status: http.StatusInternalServerError, Err: err}, false
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

// Challenge sets the header of every 401, RFC 9110 section 15.5.2.
func Challenge(h http.Header) { h["Www-Authenticate"] = challenge }

var (
	challenge      = []string{`Bearer realm="notifer"`}
	bothChallenges = append(challenge, `Basic realm="notifer"`)
)

// asksForPassword reports whether a publish without a credential is asked for a user and a password, one of which may be the token: wget,
// PowerShell and others send them only then. Browsers, which would ask their user, say where a request comes from.
func (c *Call) asksForPassword(err error) bool {
	if c.Route.Kind != KindPublish || c.R.Method == http.MethodGet || len(c.R.Header["Origin"]) > 0 || len(c.R.Header["Sec-Fetch-Mode"]) > 0 {
		return false
	}
	r, ok := errors.AsType[*auth.Refusal](err)
	return ok && r.Reason == auth.NoCredential && len(c.R.Header["Authorization"]) == 0
}

// fail answers with an error as JSON, or as a page on the routes of pages. An unknown one is logged under an id, and the
// id is all the caller learns.
func (s *Site) fail(c *Call, err error) {
	p, known := Explain(err)
	if c.reply.lost || !known && c.R.Context().Err() != nil {
		p, known = Explain(context.Canceled) // whatever failed, it failed since the client left
	}
	s.Count(p.Status, err)
	if !known {
		p.ID = s.logError(c, err)
	}
	if c.reply.began {
		// The rest can only be left out. A client must see that: an answer that ends well looks whole.
		panic(http.ErrAbortHandler)
	}
	p.SetRetryAfter(c.W.Header())
	if p.Status >= 400 && c.R.ContentLength != 0 {
		drain(c)
	}
	if c.Route.Kind == KindPage && !IsJSON(c.R.Header.Get("Content-Type")) {
		page := p
		s.ErrorPage(c, &page)
		Linger(c.W, c.R)
		return
	}
	if !known {
		p.Detail = "internal error " + p.ID
	}
	if p.Status == http.StatusUnauthorized {
		Challenge(c.W.Header())
		if c.asksForPassword(err) {
			c.W.Header()["Www-Authenticate"] = bothChallenges
		}
	}
	writeError(c.W, p.Status, api.Error{Detail: p.Detail, Hint: p.Hint})
	Linger(c.W, c.R)
}

// logError writes an unexpected error to the log under an id.
func (s *Site) logError(c *Call, err error) string {
	id := db.NewName("error")
	if !s.limits.inAll.errors.AllowN(c.Began, 1) {
		return id // anybody may cause the next one
	}
	s.Log.Error("request", "id", id, "method", c.R.Method, "route", c.Route.Pattern, "ms", c.milliseconds(), "err", err.Error())
	return id
}

// writeError answers as WriteJSON does, without reflection: a flood of wrong tokens is answered here.
func writeError(w http.ResponseWriter, status int, e api.Error) {
	WriteAppended(w, status, func(dst []byte) []byte {
		dst = api.AppendString(append(dst, `{"detail":`...), e.Detail, api.UTF8)
		if e.Hint != "" {
			dst = api.AppendString(append(dst, `,"hint":`...), e.Hint, api.UTF8)
		}
		return append(dst, "}\n"...)
	})
}

// drain lets a small body that is on its way be read by the server, so that the connection can be kept and the client
// reads the answer; a large one closes the connection. The server reads it before it sends the head, and waits no longer
// than lingerTime for a sender that is slow.
func drain(c *Call) {
	if c.R.ProtoMajor != 1 {
		return // StreamBody.Linger reads it
	}
	if c.R.Header.Get("Expect") == "" {
		_ = http.NewResponseController(c.W).SetReadDeadline(time.Now().Add(lingerTime)) // where there is none, the server's own limit holds
	}
	if n := c.R.ContentLength; n < 0 || n > 256<<10 {
		c.W.Header().Set("Connection", "close")
	}
}

var replies = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// jsonType is the value of the header Content-Type of every JSON answer.
var jsonType = []string{"application/json; charset=utf-8"}

// WriteAppended answers with the JSON that build appends, in one piece and with its length: the answer is whole before the connection
// ends.
func WriteAppended(w http.ResponseWriter, status int, build func(dst []byte) []byte) {
	b := replies.Get().(*[]byte)
	defer putReply(b)
	*b = build((*b)[:0])
	setJSON(w.Header(), len(*b))
	w.WriteHeader(status)
	w.Write(*b)
}

// setJSON sets the headers of a JSON answer of so many bytes.
func setJSON(h http.Header, length int) {
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(length)}
}

// putReply keeps a buffer for the next answer, unless it has become large.
func putReply(b *[]byte) {
	if cap(*b) <= 64<<10 {
		replies.Put(b)
	}
}

// WriteJSON answers with a value as JSON, without escaping for HTML.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client has left
}

// NoContent answers that it is done, and nothing more.
func NoContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
