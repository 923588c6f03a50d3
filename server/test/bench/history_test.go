package bench

import (
	"bytes"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

// reader is one keep-alive connection that asks for pages.
type reader struct {
	conn   net.Conn
	tg     target
	buffer []byte
}

func newReader(t *testing.T, tg target) *reader {
	t.Helper()
	c, err := net.Dial("tcp", tg.server.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &reader{conn: c, tg: tg, buffer: make([]byte, 1<<20)}
}

// page asks for /{topic}/json with a query and returns the body.
func (r *reader) page(t *testing.T, query string) []byte {
	t.Helper()
	fmt.Fprintf(r.conn, "GET %s/json?%s HTTP/1.1\r\nHost: localhost\r\nX-Topic-Token: %s\r\n\r\n", r.tg.path, query, r.tg.token)
	for have := 0; have < len(r.buffer); {
		n, err := r.conn.Read(r.buffer[have:])
		if err != nil {
			t.Fatalf("page cut after %d bytes: %v", have, err)
		}
		have += n
		head, body, found := bytes.Cut(r.buffer[:have], []byte("\r\n\r\n"))
		if !found {
			continue
		}
		length, err := contentLength(head)
		if err != nil {
			t.Fatal(err)
		}
		if len(body) == length {
			return body
		}
	}
	t.Fatal("page longer than 1 MiB")
	return nil
}

var idField = []byte(`"id":"`)

// lastID is the id of the last message on a page.
func lastID(page []byte) string {
	i := bytes.LastIndex(page, idField) + len(idField)
	return string(page[i : i+12])
}

// readPages reads a topic from its first message to its last and returns how many came.
func (r *reader) readPages(t *testing.T) int {
	t.Helper()
	total, query := 0, "since=all&limit=100"
	for {
		page := r.page(t, query)
		n := bytes.Count(page, idField)
		if total += n; n < 100 {
			return total
		}
		query = "limit=100&after=" + lastID(page)
	}
}

// replay reads messages over SSE from the first one and returns how long it took.
func replay(t *testing.T, tg target, messages int) time.Duration {
	t.Helper()
	begin := time.Now()
	tg.query = "?since=all"
	st, err := openStream(tg, false)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(st.fd)
	buffer := make([]byte, 1<<18)
	for seen := bytes.Count(st.rest, []byte("\ndata: ")); seen < messages; {
		// A mark cut by the end of a read is kept for the next one.
		kept := copy(buffer, st.rest[max(0, len(st.rest)-6):])
		n, err := syscall.Read(st.fd, buffer[kept:])
		if err != nil || n == 0 {
			t.Fatalf("stream ended after %d messages: %v", seen, err)
		}
		seen += bytes.Count(buffer[:kept+n], []byte("\ndata: "))
		st.rest = append(st.rest[:0], buffer[:kept+n]...)
	}
	return time.Since(begin)
}

const replayed = 10_000

func TestHistory(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	fill(t, tg, replayed)
	withBareStore(t, func(alone *bareStore) {
		alone.fill(t, replayed)
		measureHistory(t, tg, alone)
	})
}

// measureHistory holds both ways to read a history against the bar, and tells what the driver alone does on this machine.
func measureHistory(t *testing.T, tg target, alone *bareStore) {
	t.Helper()
	var stream, pages, driver []float64
	for range *rounds {
		driver = append(driver, alone.pages(t))
		stream = append(stream, replayed/replay(t, tg, replayed).Seconds())
		begin := time.Now()
		if got := newReader(t, tg).readPages(t); got != replayed {
			t.Fatalf("pages held %d messages, want %d", got, replayed)
		}
		pages = append(pages, replayed/time.Since(begin).Seconds())
	}
	ceiling := median(driver)
	atLeast(t, "replay over SSE, thousand messages/s", median(stream)/1000, 250, "connection included; %.2f of the driver alone", median(stream)/ceiling)
	atLeast(t, "replay by pages of 100, thousand messages/s", median(pages)/1000, 250, "one connection; %.2f of the driver alone, which reads %.0f thousand/s",
		median(pages)/ceiling, ceiling/1000)
}

// TestPages holds a page of a large topic against one of a small topic.
func TestPages(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	small, large := n.topic(t, "small"), n.topic(t, "large")
	fill(t, large, million)
	fill(t, small, 1000)
	for _, query := range []string{"limit=100", "limit=100&since=all"} {
		few, many := newReader(t, small), newReader(t, large)
		var quick, slow []time.Duration
		for range 200 {
			quick = append(quick, timePage(t, few, query))
			slow = append(slow, timePage(t, many, query))
		}
		atMost(t, "page of a million / of a thousand, "+query, float64(median(slow))/float64(median(quick)), 1.15, "%v of %v", median(slow), median(quick))
	}
}

func timePage(t *testing.T, r *reader, query string) time.Duration {
	begin := time.Now()
	if n := bytes.Count(r.page(t, query), idField); n != 100 {
		t.Fatalf("page held %d messages, want 100", n)
	}
	return time.Since(begin)
}
