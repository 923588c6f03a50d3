package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/test/run"
)

// TestStreamsKeepNoRequests: an open stream holds its place and its rights, and nothing else of the request that opened it: ten thousand
// peers with long headers would take hundreds of megabytes.
func TestStreamsKeepNoRequests(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	const streams, size = 150, 12 << 10
	for name, head := range map[string]string{
		"SSE":            "GET /ops-east/sse HTTP/1.1\r\n",
		"WebSocket":      "GET /ops-east/ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
		"another scheme": "GET /ops-east/sse HTTP/1.1\r\nAuthorization: Digest " + strings.Repeat("x", size) + "\r\n",
	} {
		head += "Host: n\r\nX-Other: " + strings.Repeat("y", size-len(head)%size) + "\r\n\r\n"
		before := heap()
		var list []net.Conn
		for range streams {
			conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			list = append(list, conn)
			_ = conn.SetDeadline(time.Now().Add(run.Patience))
			fmt.Fprint(conn, head)
			if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") && !strings.Contains(line, " 101 ") {
				t.Fatalf("%s: %q, %v", name, line, err)
			}
		}
		if grown := heap() - before; grown > streams*size/2 {
			t.Errorf("%s: %d streams keep %d KiB", name, streams, grown>>10)
		}
		for _, conn := range list {
			conn.Close()
		}
	}
	runtime.KeepAlive(h)
}

// TestCachesKeepNoRequests: what is remembered of a topic is not a piece of the URL that named it first, which may be long.
func TestCachesKeepNoRequests(t *testing.T) {
	h := newHome(t, server.Config{})
	const topics, size = 100, 12 << 10
	for i := range topics {
		h.topic(fmt.Sprintf("ops-%d", i), db.Public)
	}
	get := func(i int, query string) {
		res, err := http.Get(fmt.Sprintf("%s/ops-%d/json?q=%s", h.url, i, query))
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != 200 {
			t.Fatal(res.Status)
		}
	}
	get(0, "")
	before := heap()
	for i := range topics {
		get(i, strings.Repeat("x", size))
	}
	if grown := heap() - before; grown > topics*size/4 {
		t.Errorf("%d topics keep %d KiB", topics, grown>>10)
	}
	runtime.KeepAlive(h)
}

// heap is how many bytes are reachable.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a pool held
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
