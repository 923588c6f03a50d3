package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
)

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
		conn.SetDeadline(time.Now().Add(10 * time.Second))
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
