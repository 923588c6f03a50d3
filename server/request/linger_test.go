package request

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// onePipe is a listener of a single connection.
type onePipe chan net.Conn

// Accept implements net.Listener.
func (p onePipe) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (p onePipe) Close() error { close(p); return nil }

// Addr implements net.Listener.
func (p onePipe) Addr() net.Addr { return &net.TCPAddr{} }

// slowBody gives a piece at each of so many ticks of 400 ms, then ends.
type slowBody int

// Read implements io.Reader.
func (s *slowBody) Read(p []byte) (int, error) {
	if *s == 0 {
		return 0, io.EOF
	}
	*s--
	time.Sleep(400 * time.Millisecond)
	return min(len(p), 8<<10), nil
}

// TestStreamLingers as long as its sender goes on with the body, and half a second for one that has stopped.
func TestStreamLingers(t *testing.T) {
	slow := func(pieces slowBody) io.Reader { return &pieces }
	large := bytes.Repeat([]byte("x"), 1_000_000)
	for name, row := range map[string]struct {
		status int
		body   io.Reader
		read   bool          // by the handler
		closes time.Duration // when the server does, 0: never
		want   time.Duration
	}{
		"refused, and Go stops":       {status: 401, body: slow(1000), want: 500 * time.Millisecond},
		"read":                        {status: 200, body: bytes.NewReader(large), read: true},
		"ignored":                     {status: 200, body: bytes.NewReader(large)},
		"ignored, slow":               {status: 200, body: slow(4), want: 1600 * time.Millisecond},
		"ignored, slow, without end":  {status: 200, body: slow(1000), want: 5 * time.Second},
		"ignored, the server closing": {status: 200, body: slow(1000), closes: time.Second, want: 1200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				closing, closeServer := context.WithCancel(t.Context())
				defer closeServer()
				if row.closes > 0 {
					time.AfterFunc(row.closes, closeServer)
				}
				lingered := make(chan time.Duration, 1)
				var protocols http.Protocols
				protocols.SetUnencryptedHTTP2(true)
				server := &http.Server{Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					b := WatchBody(r)
					if row.read {
						_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength)
					}
					w.WriteHeader(row.status)
					_, _ = io.WriteString(w, "answer")
					began := time.Now()
					b.Linger(closing, w, r)
					lingered <- time.Since(began)
				})}
				ours, peer := net.Pipe()
				pipe := make(onePipe, 1)
				pipe <- ours
				go server.Serve(pipe)
				defer server.Close()
				transport := &http.Transport{Protocols: &protocols, DialContext: func(context.Context, string, string) (net.Conn, error) { return peer, nil }}
				defer transport.CloseIdleConnections()
				res, err := (&http.Client{Transport: transport}).Post("http://pipe/", "", row.body)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(res.Body)
				res.Body.Close()
				if took := <-lingered; took != row.want || err != nil || string(answer) != "answer" || res.StatusCode != row.status {
					t.Errorf("%d %q, %v after %v; want %d after %v", res.StatusCode, answer, err, took, row.status, row.want)
				}
			})
		})
	}
}

// A few frames of HTTP/2 (RFC 9113 section 4.1): the start of a connection, and a POST whose five bytes are all there, without its end.
const (
	preface    = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	headers    = "\x83\x86\x84\x01\x04pipe\x0f\x0d\x015" // POST http://pipe/, content-length: 5
	unended    = preface + "\x00\x00\x0d\x01\x04\x00\x00\x00\x01" + headers + "\x00\x00\x05\x00\x00\x00\x00\x00\x01hello"
	endOfIt    = "\x00\x00\x00\x00\x01\x00\x00\x00\x01"
	frameData  = 0
	flagEnding = 1
)

// TestAnswerDoesNotWaitForTheEnd: a sender may keep the end of its request until it has the answer, whose bytes have all been read.
func TestAnswerDoesNotWaitForTheEnd(t *testing.T) {
	for name, row := range map[string]struct {
		closing       bool          // the server, from the start
		end           time.Duration // when the sender ends its request, 0: never
		answer, whole time.Duration // when the answer is there, and when its stream ends
	}{
		"never":                     {answer: 20 * time.Millisecond, whole: 500 * time.Millisecond},
		"soon":                      {end: time.Millisecond, answer: time.Millisecond, whole: time.Millisecond},
		"after the answer":          {end: 100 * time.Millisecond, answer: 20 * time.Millisecond, whole: 100 * time.Millisecond},
		"never, the server closing": {closing: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				closing, closeServer := context.WithCancel(t.Context())
				defer closeServer()
				if row.closing {
					closeServer()
				}
				var protocols http.Protocols
				protocols.SetUnencryptedHTTP2(true)
				server := &http.Server{Protocols: &protocols, ReadTimeout: 30 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					b := WatchBody(r)
					_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength)
					_, _ = io.WriteString(w, "answer")
					b.Linger(closing, w, r)
				})}
				ours, peer := net.Pipe()
				pipe := make(onePipe, 1)
				pipe <- ours
				go server.Serve(pipe)
				defer server.Close()
				began := time.Now()
				go func() {
					_, _ = io.WriteString(peer, unended)
					if row.end > 0 {
						time.Sleep(row.end)
						_, _ = io.WriteString(peer, endOfIt)
					}
				}()
				var answered time.Duration
				for {
					var head [9]byte
					if _, err := io.ReadFull(peer, head[:]); err != nil {
						t.Fatal(err)
					}
					text := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
					if _, err := io.ReadFull(peer, text); err != nil {
						t.Fatal(err)
					}
					if head[3] != frameData {
						continue
					}
					if string(text) == "answer" {
						answered = time.Since(began)
					}
					if head[4]&flagEnding != 0 {
						break
					}
				}
				if whole := time.Since(began); answered != row.answer || whole != row.whole {
					t.Errorf("the answer came after %v and ended after %v, want %v and %v", answered, whole, row.answer, row.whole)
				}
			})
		})
	}
}
