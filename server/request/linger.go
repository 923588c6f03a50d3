package request

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// Bounds of what is read of an unwanted body: a connection that is closed over unread bytes is reset, and the answer that its
// sender has not read yet is lost with it.
const (
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
	lingerIdle  = 500 * time.Millisecond // over HTTP/2, where a sender may stop and wait
	lingerEnd   = 20 * time.Millisecond  // for which the answer waits for the end of a request that has been read
)

// Linger sends the answer to a request that was refused, and reads and throws away the rest of its body, where the connection ends with
// the answer. Where it does not, net/http reads the rest.
func Linger(w http.ResponseWriter, r *http.Request) {
	ends := r.Close || w.Header().Get("Connection") == "close"
	if r.ProtoMajor != 1 || r.ContentLength == 0 || !ends || r.Header.Get("Expect") != "" {
		return // who expects to be asked for the body has not sent it
	}
	readRest(w, r) // the connection ends, whatever comes
}

// readRest sends the answer, and reads and throws away the rest of the body.
func readRest(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	if rc.Flush() == nil && rc.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, lingerBytes)
	}
}

// StreamBody is the body of a request over HTTP/2. It knows whether all of it has been read.
type StreamBody struct {
	io.ReadCloser
	left  int64 // of the length that was announced; below 0 where none was
	ended bool
	one   [1]byte
}

var streamBodies = sync.Pool{New: func() any { return new(StreamBody) }}

// WatchBody puts a StreamBody in the place of the body of a request over HTTP/2, until Linger. It returns nil for all other requests and
// where no body has been sent.
func WatchBody(r *http.Request) *StreamBody {
	if r.ProtoMajor != 2 || r.ContentLength == 0 || r.Header.Get("Expect") != "" {
		return nil
	}
	b := streamBodies.Get().(*StreamBody)
	b.ReadCloser, b.left, b.ended = r.Body, r.ContentLength, false
	r.Body = b
	return b
}

// Read implements io.Reader.
func (b *StreamBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	b.ended = b.ended || err != nil
	return n, err
}

// Linger sends the answer to the request, whatever it is, and reads and throws away the rest of the body, until nothing comes for half a
// second, five seconds have passed, or the server is closing. An answer whose stream ends before its request does is followed by a reset
// (RFC 9113 section 8.1), for which curl throws the answer away; Go's client sends nothing more once it is refused, and waits for the end.
func (b *StreamBody) Linger(closing context.Context, w http.ResponseWriter, r *http.Request) {
	if b == nil {
		return
	}
	if !b.ended {
		(&streamRest{b, http.NewResponseController(w), closing, time.Now().Add(lingerTime)}).drop()
	}
	r.Body, b.ReadCloser = b.ReadCloser, nil
	streamBodies.Put(b)
}

// streamRest reads a body under a deadline that moves with what comes.
type streamRest struct {
	body    *StreamBody
	rc      *http.ResponseController
	closing context.Context
	until   time.Time
}

// drop sends the answer and throws away what still comes of the body.
func (s *streamRest) drop() {
	if s.body.left == 0 {
		s.awaitEnd()
	}
	if !s.body.ended && s.rc.Flush() == nil {
		_, _ = io.CopyN(io.Discard, s, lingerBytes)
	}
}

// awaitEnd waits for the end of a body that has been read: it comes with the last piece or right behind it, and the answer is then sent in
// one piece. A sender may also keep the end until it has the answer, so the answer does not wait for long.
func (s *streamRest) awaitEnd() {
	sent := make(chan struct{})
	late := time.AfterFunc(lingerEnd, func() {
		_ = s.rc.Flush()
		close(sent)
	})
	_, _ = s.Read(s.body.one[:])
	if !late.Stop() {
		<-sent
	}
}

// Read implements io.Reader.
func (s *streamRest) Read(p []byte) (int, error) {
	if err := s.closing.Err(); err != nil {
		return 0, err
	}
	idle := time.Now().Add(lingerIdle)
	if idle.After(s.until) {
		idle = s.until
	}
	if err := s.rc.SetReadDeadline(idle); err != nil {
		return 0, err
	}
	return s.body.Read(p)
}
