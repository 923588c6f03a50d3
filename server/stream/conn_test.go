package stream

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"notifer/server/hub"
)

const timeout = 20 * time.Second

// piped runs a test of a connection over a pipe, whose peer is given.
func piped(t *testing.T, f *format, test func(t *testing.T, c *conn, peer net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		defer ours.Close()
		defer peer.Close()
		test(t, newConn(ours, f, timeout), peer)
	})
}

// TestAStalledPeerIsDropped: a write fails once its peer has read nothing for the time of a piece.
func TestAStalledPeerIsDropped(t *testing.T) {
	piped(t, &format{}, func(t *testing.T, c *conn, _ net.Conn) {
		began := time.Now()
		if err := c.writeRest([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a write to a peer that reads nothing = %v", err)
		}
		if took := time.Since(began); took != timeout {
			t.Errorf("it was given up after %v, want %v", took, timeout)
		}
	})
}

// TestASlowPeerIsServed: each piece of a long frame has a deadline of its own, and afterwards there is none.
func TestASlowPeerIsServed(t *testing.T) {
	piped(t, &format{}, func(t *testing.T, c *conn, peer net.Conn) {
		frame := bytes.Repeat([]byte("x"), 3*writePiece+1)
		go func() {
			for n := 0; n < len(frame); {
				time.Sleep(timeout - time.Second)
				k, err := io.ReadFull(peer, make([]byte, min(writePiece, len(frame)-n)))
				if n += k; err != nil {
					t.Errorf("the peer read %d bytes: %v", n, err)
					return
				}
			}
		}()
		if err := (subscriber{c}).Write(frame); err != nil {
			t.Fatalf("a long frame to a slow peer: %v", err)
		}
		time.Sleep(2 * timeout)
		go io.Copy(io.Discard, peer)
		if _, err := c.Conn.Write([]byte("x")); err != nil {
			t.Errorf("the deadline of a write holds for a later one: %v", err)
		}
	})
}

// TestHurry gives a write under way a second.
func TestHurry(t *testing.T) {
	piped(t, &format{}, func(t *testing.T, c *conn, _ net.Conn) {
		began := time.Now()
		time.AfterFunc(3*time.Second, c.Hurry)
		if err := c.writeRest([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a write in a hurry = %v", err)
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("it was given up after %v, want 4s", took)
		}
	})
}

// TestEnd says goodbye in the words of the protocol, and waits a second for the peer to leave.
func TestEnd(t *testing.T) {
	f := &format{}
	f.goodbyes[hub.Revoked] = []byte("revoked")
	piped(t, f, func(t *testing.T, c *conn, peer net.Conn) {
		said := make(chan string, 1)
		go func() {
			text := make([]byte, len("revoked"))
			io.ReadFull(peer, text)
			said <- string(text)
		}()
		began := time.Now()
		c.End(hub.Revoked)
		if got := <-said; got != "revoked" {
			t.Errorf("the peer reads %q, want revoked", got)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != endGrace {
			t.Errorf("a peer that does not leave is waited for %v (%v), want %v", time.Since(began), err, endGrace)
		}
	})
	piped(t, f, func(t *testing.T, c *conn, peer net.Conn) {
		began := time.Now()
		c.End(hub.Revoked)
		if took := time.Since(began); took != endGrace {
			t.Errorf("a goodbye that nobody reads takes %v, want %v", took, endGrace)
		}
		if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("after it the peer reads %v, want the end", err)
		}
	})
}

// TestAlive: a peer that is pinged must be heard of within a minute; one that only listens need not be.
func TestAlive(t *testing.T) {
	piped(t, &format{pings: true}, func(t *testing.T, c *conn, peer net.Conn) {
		time.Sleep(wsSilence - time.Second)
		if !c.Alive() {
			t.Error("a peer is dead within the first minute")
		}
		go peer.Write([]byte("x"))
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wsSilence - time.Second)
		if !c.Alive() {
			t.Error("a peer is dead within a minute after it was heard of")
		}
		time.Sleep(time.Second)
		if c.Alive() {
			t.Error("a peer lives on that was not heard of for a minute")
		}
	})
	piped(t, &format{pings: true}, func(t *testing.T, c *conn, peer net.Conn) {
		const heartbeat = 2 * time.Minute
		c.silence = silenceOf(heartbeat)
		if time.Sleep(heartbeat); !c.Alive() {
			t.Error("a peer is dead before its first ping")
		}
		if time.Sleep(heartbeat); c.Alive() {
			t.Error("a peer lives on that has not answered a ping")
		}
	})
	piped(t, &format{}, func(t *testing.T, c *conn, _ net.Conn) {
		if time.Sleep(time.Hour); !c.Alive() {
			t.Error("a peer that only listens is dead")
		}
	})
}

// TestControlFramesKeepApart: the library's frames wait for ours, and its answer to a close frame repeats no bytes that are not text.
func TestControlFramesKeepApart(t *testing.T) {
	ours, peer := net.Pipe()
	defer ours.Close()
	defer peer.Close()
	c := newConn(ours, &format{}, timeout)
	c.mu.Lock()
	c.held = true // as after a Try that wrote a part
	written, got := make(chan struct{}), make(chan string, 1)
	go func() {
		text := make([]byte, len("restpong"))
		io.ReadFull(peer, text)
		got <- string(text)
	}()
	go func() {
		c.Write([]byte("pong"))
		close(written)
	}()
	for range 100 {
		runtime.Gosched() // a control frame that does not wait would be written by now
	}
	if err := c.writeRest([]byte("rest")); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "restpong" {
		t.Errorf("the peer reads %q, want restpong", text)
	}
	<-written
	for reason, want := range map[string]string{"bye": "\x88\x05\x03\xe8bye", "\xff": "\x88\x0b\x03\xefnot UTF-8"} {
		piped(t, &format{}, func(t *testing.T, c *conn, peer net.Conn) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				if n, err := c.Write(closeFrame(1000, reason)); n != 4+len(reason) || err != nil {
					t.Errorf("Write = %d, %v", n, err)
				}
			}()
			text := make([]byte, len(want))
			if _, err := io.ReadFull(peer, text); err != nil || string(text) != want {
				t.Errorf("a close frame for %q becomes %q, want %q", reason, text, want)
			}
			<-done
		})
	}
}

// TestFrames writes events of the sizes at which the forms change.
func TestFrames(t *testing.T) {
	t.Parallel()
	event := func(dst []byte, e hub.Event) []byte { return append(dst, strings.Repeat("x", int(e.ID))...) }
	m, text := NewWebSocket(event, event), NewEventStream(Dialect{Event: event, Managed: event, Heartbeat: "beat"})
	for n, head := range map[int]string{0: "\x81\x00", 125: "\x81\x7d", 126: "\x81\x7e\x00\x7e", 65535: "\x81\x7e\xff\xff", 65536: "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"} {
		got := m.text.encoding.Encode([]byte("before"), hub.Event{ID: int64(n)})
		if want := "before" + head + strings.Repeat("x", n); string(got) != want {
			t.Errorf("a text frame of %d bytes begins %q, want %q", n, got[:min(len(got), 20)], want[:min(len(want), 20)])
		}
	}
	for n, head := range map[int]string{1: "0000001", 15: "000000f", 16: "0000010", 1 << 20: "0100000"} {
		got := text.chunked.encoding.Encode([]byte("before"), hub.Event{ID: int64(n)})
		if want := "before" + head + "\r\n" + strings.Repeat("x", n) + "\r\n"; string(got) != want {
			t.Errorf("a chunk of %d bytes begins %q, want %q", n, got[:min(len(got), 20)], want[:20])
		}
	}
	other := text.WithHeartbeat("alive")
	if string(text.chunked.beat) != "0000004\r\nbeat\r\n" || string(other.chunked.beat) != "0000005\r\nalive\r\n" || string(other.plain.beat) != "alive" {
		t.Errorf("heartbeats are %q, %q and %q", text.chunked.beat, other.chunked.beat, other.plain.beat)
	}
	if other.chunked.encoding != text.chunked.encoding || other.plain.managed != text.plain.managed {
		t.Error("with another heartbeat the events are encoded once more")
	}
}

// TestGoodbyes: a chunked answer ends with its last chunk whatever the reason is, so that a client sees that it is whole.
func TestGoodbyes(t *testing.T) {
	t.Parallel()
	text := NewEventStream(Dialect{Goodbye: map[hub.Reason]string{hub.Revoked: "gone"}})
	for r := range hub.Reason(reasons) {
		chunked, plain := lastChunk, ""
		if r == hub.Revoked {
			chunked, plain = "0000004\r\ngone\r\n"+lastChunk, "gone"
		}
		if got := string(text.chunked.goodbyes[r]); got != chunked {
			t.Errorf("the goodbye for reason %d is %q, want %q", r, got, chunked)
		}
		if got := string(text.plain.goodbyes[r]); got != plain {
			t.Errorf("without chunks it is %q, want %q", got, plain)
		}
	}
}

// TestResponseHead: a chunked answer must not announce the end of the connection, any other must.
func TestResponseHead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 2, 3, 4, 0, time.FixedZone("CET", 3600))
	for chunked, want := range map[bool]string{true: "Transfer-Encoding: chunked", false: "Connection: close"} {
		got := string(appendHead(chunked, http.Header{"X-A": {"b"}}, at))
		lines := strings.Split(got, "\r\n")
		if lines[0] != "HTTP/1.1 200 OK" || !strings.HasSuffix(got, "\r\n\r\n") || len(lines) != 6 {
			t.Errorf("a head = %q", got)
		}
		for _, line := range []string{"X-A: b", "Date: Sun, 01 Mar 2026 01:03:04 GMT", want} {
			if !strings.Contains(got, line+"\r\n") {
				t.Errorf("a head lacks %q: %q", line, got)
			}
		}
	}
}

func TestIsPing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"ping": true, `{"type":"ping"}`: true, `{"type":"ping","id":1}`: true, "pong": false, `"ping"`: false, `{"type":"pong"}`: false, "": false} {
		if got := isPing([]byte(text)); got != want {
			t.Errorf("isPing(%s) = %v, want %v", text, got, want)
		}
	}
}

func TestHeaderLists(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lines []string
		want  bool
	}{
		{nil, false}, {[]string{"Upgrade"}, true}, {[]string{"keep-alive, UPGRADE"}, true}, {[]string{"keep-alive", " upgrade "}, true}, {[]string{"upgrades"}, false},
	} {
		if got := hasToken(row.lines, "upgrade"); got != row.want {
			t.Errorf("hasToken(%q, upgrade) = %v, want %v", row.lines, got, row.want)
		}
	}
	for key, want := range map[string]bool{"dGhlIHNhbXBsZSBub25jZQ==": true, "dGhlIHNhbXBsZSBub25jZQ": false, "dGhlIHNhbXBsZQ==": false, "": false} {
		if got := isNonce(key); got != want {
			t.Errorf("isNonce(%s) = %v, want %v", key, got, want)
		}
	}
}
