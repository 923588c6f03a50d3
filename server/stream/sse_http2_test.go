package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
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

// over2 runs a test of a stream over HTTP/2, whose peer has received 64 KiB at most of what the test has not read of body. The test closes it.
func over2(t *testing.T, test func(t *testing.T, c *h2Conn, body io.ReadCloser)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var protocols http.Protocols
		protocols.SetUnencryptedHTTP2(true)
		opened := make(chan *h2Conn, 1)
		server := &http.Server{Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c := &h2Conn{w: w, rc: http.NewResponseController(w), format: &format{}, timeout: timeout, done: make(chan struct{})}
			if err := c.rc.Flush(); err != nil {
				t.Error(err)
			}
			opened <- c
			<-c.done
			c.seal()
		})}
		ours, peer := net.Pipe()
		pipe := make(onePipe, 1)
		pipe <- ours
		go server.Serve(pipe)
		defer server.Close()
		client := http.Client{Transport: &http.Transport{Protocols: &protocols, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
			DialContext: func(context.Context, string, string) (net.Conn, error) { return peer, nil }}}
		defer client.CloseIdleConnections()
		res, err := client.Get("http://pipe/")
		if err != nil {
			t.Fatal(err)
		}
		c := <-opened
		defer c.Abort()
		test(t, c, res.Body)
	})
}

// TestHurryOverHTTP2 gives a write under way a second for all of its pieces, whether or not its peer reads on.
func TestHurryOverHTTP2(t *testing.T) {
	for name, reads := range map[string]bool{"stalled": false, "slow": true} {
		t.Run(name, func(t *testing.T) {
			over2(t, func(t *testing.T, c *h2Conn, body io.ReadCloser) {
				var reader sync.WaitGroup
				defer reader.Wait()
				defer body.Close()
				if reads {
					reader.Go(func() {
						for err := error(nil); err == nil; time.Sleep(300 * time.Millisecond) {
							_, err = io.CopyN(io.Discard, body, writePiece)
						}
					})
				}
				began := time.Now()
				time.AfterFunc(3*time.Second, c.Hurry)
				if err := c.Write(bytes.Repeat([]byte("x"), 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("a write in a hurry = %v", err)
				}
				if took := time.Since(began); took != 4*time.Second {
					t.Errorf("it was given up after %v, want 4s", took)
				}
			})
		})
	}
}
