package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/run"
)

// A proxy that takes the upgrade off makes a handshake an ordinary request: the answer says that, and the way without.
func TestHandshakeWithoutUpgrade(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	var e api.Error
	h.call("GET", "/ops-east/ws", h.jwt, nil, 426, &e)
	for _, want := range []string{"proxy", "Upgrade", "/ops-east/sse"} {
		if !strings.Contains(e.Detail, want) {
			t.Errorf("426 %q, want %q in it", e.Detail, want)
		}
	}
}

// A close frame whose reason is not UTF-8 is answered with 1007, RFC 6455 section 8.1; any other reason is repeated.
func TestReasonThatIsNotUTF8(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	for reason, want := range map[string]string{"bye": "\x88\x05\x03\xe8bye", "\xce\xba\xe1\xff": "\x88\x0b\x03\xefnot UTF-8"} {
		conn := h.dial()
		fmt.Fprintf(conn, "GET /ops-east/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		r := bufio.NewReader(conn)
		if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("the handshake: %v, %v", res, err)
		}
		fmt.Fprintf(conn, "\x88%s\x00\x00\x00\x00\x03\xe8%s", string([]byte{byte(0x80 | 2 + len(reason))}), reason)
		conn.SetReadDeadline(time.Now().Add(run.Patience))
		got := make([]byte, len(want))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
			t.Errorf("a close frame with the reason %q is answered with %q, %v, want %q", reason, got, err, want)
		}
	}
}

// A text that is not UTF-8 fails the connection with 1007, RFC 6455 section 8.1.
func TestTextThatIsNotUTF8(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, h.url+"/ops-east/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if err := ws.Write(ctx, websocket.MessageText, []byte("ping")); err != nil {
		t.Fatal(err)
	}
	if _, text, err := ws.Read(ctx); string(text) != `{"type":"pong"}` {
		t.Errorf("Read = %s, %v; want a pong", text, err)
	}
	if err := ws.Write(ctx, websocket.MessageText, []byte("p\xffng")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
		t.Errorf("after invalid UTF-8: %v, want status 1007", err)
	}
}

// TestHandshakeInSeveralLines: Connection is a list, which may come in several lines (RFC 9110 section 5.3). A word that only
// holds another is another.
func TestHandshakeInSeveralLines(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	for lines, want := range map[string]int{
		"Connection: Upgrade\r\n":                           101,
		"Connection: keep-alive, Upgrade\r\n":               101,
		"Connection: keep-alive\r\nConnection: Upgrade\r\n": 101,
		"Connection: no-upgrade\r\n":                        426,
		"":                                                  426,
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(run.Patience))
		fmt.Fprintf(conn, "GET /ops-east/ws HTTP/1.1\r\nHost: home.example\r\nUpgrade: websocket\r\n%sSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", lines)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if kind := res.Header.Get("Content-Type"); res.StatusCode != want || want != 101 && !strings.HasPrefix(kind, "application/json") {
			t.Errorf("%q: %d with %q, want %d", lines, res.StatusCode, kind, want)
		}
		conn.Close()
	}
}
