package server_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/test/run"
)

// TestWhatStreamsAreSent: a little that a peer sends on an event stream is ignored. One that sends without end would hold a core, and is cut
// off.
func TestWhatStreamsAreSent(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(run.Patience))
	fmt.Fprint(conn, "GET /ops-east/sse HTTP/1.1\r\nHost: n\r\n\r\n")
	r := bufio.NewReader(conn)
	wait := func(text string) error {
		for {
			line, err := r.ReadString('\n')
			if err != nil || strings.Contains(line, text) {
				return err
			}
		}
	}
	if err := wait("retry:"); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, strings.Repeat("x", 1000))
	h.publish("ops-east", "still here")
	if err := wait("still here"); err != nil {
		t.Fatalf("after a little: %v", err)
	}
	_, _ = fmt.Fprint(conn, strings.Repeat("x", 1<<20)) // the server may have closed by then
	if err := wait("never"); err == nil || isTimeout(err) {
		t.Errorf("after a megabyte: %v, want the end", err)
	}
}

func isTimeout(err error) bool {
	e, is := err.(net.Error)
	return is && e.Timeout()
}
