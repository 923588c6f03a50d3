package request

import (
	"io"
	"net/http"
	"time"
)

// Bounds of what is read of an unwanted body: a connection that is closed over unread bytes is reset, and the answer that its
// sender has not read yet is lost with it.
const (
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
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

// LingerStream does so for a request over HTTP/2, whatever it was answered. An answer whose stream ends before its request does is followed
// by a reset (RFC 9113 section 8.1), for which curl throws the answer away.
func LingerStream(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 2 && r.ContentLength != 0 && r.Header.Get("Expect") == "" {
		readRest(w, r)
	}
}

// readRest sends the answer, and reads and throws away the rest of the body.
func readRest(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	if rc.Flush() == nil && rc.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, r.Body, lingerBytes)
	}
}
