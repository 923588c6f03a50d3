package security_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/run"
)

// TestSlowClients trickles headers and bodies. The server hangs up on them, and nobody else notices.
func TestSlowClients(t *testing.T) {
	h := newHost(t)
	var all sync.WaitGroup
	for name, c := range map[string]struct {
		head   string
		within time.Duration
	}{
		"header": {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", 7 * time.Second},
		"body":   {"POST /my-topic HTTP/1.1\r\nHost: x\r\nX-Topic-Token: " + h.token + "\r\nContent-Length: 60000\r\n\r\n", 10 * time.Second},
		"chunks": {"POST /my-topic HTTP/1.1\r\nHost: x\r\nX-Topic-Token: " + h.token + "\r\nTransfer-Encoding: chunked\r\n\r\n", 10 * time.Second},
		"form":   {"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n", 10 * time.Second},
		"json":   {"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 15000\r\n\r\n", 10 * time.Second},
	} {
		all.Go(func() {
			piece := "a"
			if name == "chunks" {
				piece = "1\r\na\r\n"
			}
			if took := trickle(t, h.Addr, c.head, piece); took > c.within+run.Scale(t, 5*time.Second) {
				t.Errorf("the server waited for %v for a slow %s, want at most %v", took, name, c.within)
			}
		})
	}
	crowd(t, h)
	all.Wait()
}

// trickle sends a piece every tenth of a second and returns when the server hangs up.
func trickle(t *testing.T, addr, head, piece string) time.Duration {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer c.Close()
	began := time.Now()
	gone := make(chan struct{})
	go func() { io.Copy(io.Discard, c); close(gone) }()
	io.WriteString(c, head)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-gone:
			return time.Since(began)
		case <-tick.C:
			if _, err := io.WriteString(c, piece); err != nil || time.Since(began) > 40*time.Second {
				return time.Since(began)
			}
		}
	}
}

// crowd holds 500 sockets that have said half a request, and publishes past them.
func crowd(t *testing.T, h *host) {
	before := median(t, h)
	for range 500 {
		s, err := net.Dial("tcp", h.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		io.WriteString(s, "POST /my-topic HTTP/1.1\r\nHost: x\r\nX-Slow: a")
	}
	var during time.Duration
	for range 3 { // what else runs on the machine can only add to a round
		if during = median(t, h); during <= 4*before+run.Scale(t, 20*time.Millisecond) {
			return
		}
	}
	t.Errorf("publishing takes %v past 500 silent sockets, %v without them", during, before)
}

func median(t *testing.T, h *host) time.Duration {
	t.Helper()
	var took []time.Duration
	one := client(1)
	for range 60 {
		began := time.Now()
		if code, text, err := send(one, "POST", h.URL+"/my-topic", "x", "X-Topic-Token: "+h.token); code != 200 {
			t.Fatalf("publish = %d %s %v", code, text, err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// odd is a request that no browser and no curl sends. want lists the statuses allowed; nil means that the server may also hang
// up without a word. Where close is set the connection must end, so that nothing can hide behind the request.
type odd struct {
	name, text string
	want       []string
	close      bool
}

func oddRequests(token string) []odd {
	auth := "Host: x\r\nX-Topic-Token: " + token + "\r\n"
	post := "POST /my-topic HTTP/1.1\r\n" + auth
	hidden := "POST /my-topic HTTP/1.1\r\n" + auth + "Content-Length: 8\r\n\r\nsmuggled"
	return []odd{
		{"1 GiB announced", post + "Content-Length: 1073741824\r\n\r\nx", []string{"413"}, true},
		{"negative length", post + "Content-Length: -5\r\n\r\nhello", []string{"400"}, true},
		{"length with a sign", post + "Content-Length: +5\r\n\r\nhello", []string{"400"}, true},
		{"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", []string{"400"}, true},
		{"length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + hidden, []string{"200", "400"}, true},
		{"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + hidden, []string{"200", "400"}, true},
		{"chunks twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []string{"400", "501"}, true},
		{"chunks disguised", post + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", []string{"400", "501"}, true},
		{"chunks, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n", []string{"400", "501"}, true},
		{"space before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden, []string{"400"}, true},
		{"folded header", post + "X-Title: a\r\n b\r\nContent-Length: 1\r\n\r\nx", []string{"200", "400"}, false},
		{"NUL in a header", post + "X-Title: a\x00b\r\nContent-Length: 1\r\n\r\nx", []string{"400"}, true},
		{"bare CR in a header", post + "X-Title: a\rX-Topic-Token: b\r\nContent-Length: 1\r\n\r\nx", []string{"400"}, true},
		{"bare LF after a chunk's size", post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n" + hidden, []string{"400"}, true},
		{"chunk size too large", post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx", []string{"400"}, true},
		{"endless chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 1<<20) + "\r\na\r\n0\r\n\r\n", []string{"400", "413"}, true},
		{"64 KiB of header", post + "X-Title: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", []string{"431"}, true},
		{"5,000 headers", post + strings.Repeat("X-Tags: a\r\n", 5000) + "\r\n", []string{"431"}, true},
		{"no host", "POST /my-topic HTTP/1.1\r\nContent-Length: 0\r\n\r\n", []string{"400"}, true},
		{"two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", []string{"400"}, true},
		{"HTTP/0.9", "GET /healthz\r\n\r\n", []string{"400"}, true},
		{"HTTP/3.7", "GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n", []string{"505", "400"}, true},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nil, true},
		{"TRACE", "TRACE /healthz HTTP/1.1\r\n" + auth + "\r\n", []string{"405"}, false},
		{"TRACK", "TRACK /my-topic HTTP/1.1\r\n" + auth + "\r\n", []string{"405"}, false},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", []string{"400", "404", "405"}, false},
		{"absolute address", "GET http://evil.example/my-topic/json HTTP/1.1\r\nHost: evil.example\r\n\r\n", []string{"401"}, false},
		{"address of another scheme", "GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", []string{"400", "401", "404"}, false},
		{"control in the path", "GET /my-topic\x01 HTTP/1.1\r\nHost: x\r\n\r\n", []string{"400"}, true},
		{"expectation", post + "Expect: 200-maybe\r\nContent-Length: 1\r\n\r\nx", []string{"417"}, true},
		{"gzip that is none", post + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", []string{"200"}, false},
		{"brotli", post + "Content-Encoding: br\r\nContent-Length: 5\r\n\r\n\x0b\x02\x80h\x03", []string{"415"}, false},
		{"h2c on a publish", post + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 5\r\n\r\nhello", []string{"200"}, false},
		{"message one byte too long", post + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", 64<<10+1, strings.Repeat("x", 64<<10+1)), []string{"200"}, false},
		{"chunked message too long", post + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat("x", 0x20000) + "\r\n0\r\n\r\n", []string{"200"}, false},
		{"chunked body too large", post + "Transfer-Encoding: chunked\r\n\r\n110000\r\n" + strings.Repeat("x", 0x110000) + "\r\n0\r\n\r\n", []string{"413"}, true},
		{"JSON of 17 KiB to the API", "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + fmt.Sprintf("Content-Length: %d\r\n\r\n{%s}", 17<<10+2, strings.Repeat(" ", 17<<10)), []string{"413"}, false},
		{"NUL as the message", post + "Content-Length: 1\r\n\r\n\x00", []string{"200", "400", "422"}, false},
		{"body of another charset", post + "Content-Length: 1\r\n\r\n\xff", []string{"200"}, false},
	}
}

// TestOddRequests sends them all.
func TestOddRequests(t *testing.T) {
	h := newHost(t)
	var all sync.WaitGroup
	for _, c := range oddRequests(h.token) {
		all.Go(func() {
			answer, closed := raw(t, h.Addr, c.text, c.close)
			status := "nothing"
			if fields := strings.Fields(answer); len(fields) > 1 {
				status = fields[1]
			}
			if c.want != nil && !slices.Contains(c.want, status) {
				t.Errorf("%s: %s, want %v; %.300q", c.name, status, c.want, answer)
			}
			if c.close && !closed {
				t.Errorf("%s: the connection stays open after %s", c.name, status)
			}
			if strings.Contains(answer, "smuggled") {
				t.Errorf("%s: a second request went through behind the first", c.name)
			}
			if strings.Contains(answer, h.token) {
				t.Errorf("%s: the answer repeats the token", c.name)
			}
		})
	}
	all.Wait()
	if code, _, err := send(client(1), "GET", h.URL+"/healthz", ""); code != 200 {
		t.Errorf("the server is not well afterwards: %d %v", code, err)
	}
}
