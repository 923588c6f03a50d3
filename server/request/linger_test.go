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
