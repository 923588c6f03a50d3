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
	rc := http.NewResponseController(w)
	if rc.Flush() != nil || rc.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, r.Body, lingerBytes) // the connection ends, whatever comes
}
