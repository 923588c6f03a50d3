package clients_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// relay passes connections on and cuts each after 300 to 2,500 bytes of answer; the first one later, since some libraries can only
// resume once they have got a message. With whole set it does not cut between the end of an event's data and the end of the event,
// some twenty bytes: libraries that break the standard keep such a half for the next connection, or take its id though they have not
// handed it over, and no server can mend that. It turns the second that the server asks a client to wait before it comes back into ten
// milliseconds, so that a thousand messages take seconds.
type relay struct {
	addr  string
	whole bool

	mu   sync.Mutex
	cuts int
}

func newRelay(t *testing.T, to string, whole bool) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{addr: l.Addr().String(), whole: whole}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.pass(client, to) })
		}
	})
	return r
}

func (r *relay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cuts
}

func (r *relay) pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close() // the client has left
	}()
	r.mu.Lock()
	limit := 300 + rand.IntN(2200)
	if r.cuts == 0 {
		limit = 6000
	}
	r.mu.Unlock()
	if err := r.copy(client, &hasty{r: server}, limit); err == nil {
		r.mu.Lock()
		r.cuts++
		r.mu.Unlock()
	}
	if tcp, ok := client.(*net.TCPConn); ok {
		tcp.SetLinger(0) // a reset, as a lost network is, not a clean end
	}
}

// copy passes so many bytes, and with whole set the few more that complete what must not be cut.
func (r *relay) copy(to io.Writer, from io.Reader, limit int) error {
	var sent []byte
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		part := buf[:n]
		for len(sent)+len(part) > limit {
			if event := sent[bytes.LastIndex(sent, []byte("\n\n"))+1:]; r.whole && inTail(append(event[:len(event):len(event)], part[:max(0, limit-len(sent))]...)) {
				limit++
				continue
			}
			_, err := to.Write(part[:max(0, limit-len(sent))])
			return err
		}
		if _, err := to.Write(part); err != nil {
			return err
		}
		sent = append(sent, part...)
		if err != nil {
			return err
		}
	}
}

// inTail reports whether the text ends between the end of an event's data and the end of the event.
func inTail(text []byte) bool {
	text = text[bytes.LastIndex(text, []byte("\n\n"))+1:]
	at := bytes.LastIndex(text, []byte("\ndata: "))
	return at >= 0 && (bytes.IndexByte(text[at+1:], '\n') >= 0 || text[len(text)-1] == '}')
}

// hasty shortens the pause in what it reads, at the same length.
type hasty struct{ r io.Reader }

func (h *hasty) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if at := bytes.Index(p[:n], []byte("retry: 1000")); at >= 0 {
		copy(p[at:], "retry: 0010")
	}
	return n, err
}
