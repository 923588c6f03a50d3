package server_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// dial opens a connection to the server; it ends with the test.
func (h *home) dial() net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

// status asks once, without a test's demand.
func (h *home) status(method, path, bearer string, body string) (int, http.Header) {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode, res.Header
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("timed out: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// What has arrived of unfinished bodies is bounded per address, and callers with a credential do not wait for those without.
func TestUnfinishedBodiesAreBounded(t *testing.T) {
	h := newHome(t, server.Config{AnonymousPerMinute: 1_000_000})
	h.topic("open", db.Public)
	const announced = 400 << 10 // within the bound of a JSON body
	var conns []net.Conn
	large := strings.Repeat("x", 60<<10)
	eventually(t, "a large body without a credential is refused while others are held", func() bool {
		conn := h.dial()
		fmt.Fprintf(conn, "POST /open HTTP/1.1\r\nHost: home.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", announced)
		go io.WriteString(conn, strings.Repeat(" ", announced-1))
		conns = append(conns, conn)
		status, head := h.status("POST", "/open", "", large)
		return status == 503 && head.Get("Retry-After") != ""
	})
	if status, _ := h.status("POST", "/open", "", "small"); status != 200 {
		t.Errorf("a small body without a credential = %d, want 200", status)
	}
	if status, _ := h.status("POST", "/open", h.jwt, large); status != 200 {
		t.Errorf("a large body with a credential = %d, want 200", status)
	}
	for _, c := range conns {
		c.Close()
	}
	eventually(t, "a large body is taken again", func() bool {
		status, _ := h.status("POST", "/open", "", large)
		return status == 200
	})
}

// worst is the text that takes most room in JSON.
var worst = strings.Repeat("\x01", 64<<10)

// A page of messages ends by bytes, and says where the next begins: following it, every message comes once.
func TestPagesEndByBytes(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	const messages = 12
	for range messages {
		h.call("POST", "/ops-east", h.jwt, worst, 200, nil)
	}
	for _, order := range []string{"before", "after"} {
		ids, path := map[string]bool{}, "/ops-east/json?limit=100"
		if order == "after" {
			path += "&since=all"
		}
		for next := path; next != ""; {
			var page []api.Message
			head := h.call("GET", next, h.jwt, nil, 200, &page)
			for _, m := range page {
				ids[m.ID] = true
			}
			if len(page) == 0 || len(page) > 4 {
				t.Fatalf("%s: a page of %d messages of 393 KiB", order, len(page))
			}
			if next = ""; len(ids) < messages {
				next = path + "&" + order + "=" + head.Get("X-Next")
				if order == "after" {
					next = "/ops-east/json?limit=100&after=" + head.Get("X-Next")
				}
			}
		}
		if len(ids) != messages {
			t.Errorf("%s: %d messages, want %d", order, len(ids), messages)
		}
	}
	ids := map[string]bool{}
	for before := ""; len(ids) < messages; {
		var page found
		h.call("GET", "/api/topics/ops-east/messages?limit=100"+before, h.jwt, nil, 200, &page)
		for _, m := range page.Messages {
			ids[m.ID] = true
		}
		if page.Total != len(page.Messages) || page.Total == 0 || page.Total > 4 {
			t.Fatalf("a search answers %d messages of 393 KiB, total %d", len(page.Messages), page.Total)
		}
		before = "&before=" + page.Next
	}
}

// narrowListener accepts connections for which the system keeps little of what was written.
type narrowListener struct{ net.Listener }

func (l narrowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return conn, err
}

// Answers that nobody reads are bounded, and small ones go on.
func TestUnreadAnswersAreBounded(t *testing.T) {
	h := newHome(t, server.Config{AnonymousPerMinute: 1_000_000})
	h.topic("open", db.Public)
	h.topic("quiet", db.Public)
	for range 4 {
		h.call("POST", "/open", h.jwt, worst, 200, nil)
	}
	h.publish("quiet", "small")
	narrow := httptest.NewUnstartedServer(h.s)
	narrow.Listener = narrowListener{narrow.Listener}
	narrow.Start()
	t.Cleanup(narrow.Close)
	h.url = narrow.URL
	for range 30 {
		conn := h.dial()
		conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		io.WriteString(conn, "GET /open/json?limit=100 HTTP/1.1\r\nHost: home.example\r\n\r\n")
	}
	eventually(t, "a large answer is refused while others are not read", func() bool {
		status, head := h.status("GET", "/open/json?limit=100", "", "")
		return status == 503 && head.Get("Retry-After") != ""
	})
	if status, _ := h.status("GET", "/quiet/json", "", ""); status != 200 {
		t.Errorf("a small answer = %d, want 200", status)
	}
	if status, _ := h.status("GET", "/open/json?limit=100", h.jwt, ""); status != 200 {
		t.Errorf("a large answer to a caller with a credential = %d, want 200", status)
	}
}

// A stream that catches up with large messages gets them one by one, not a megabyte at a time.
func TestStreamsCatchUpInSmallPieces(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var want []string
	for i := range 30 {
		var m api.Message
		h.call("POST", "/ops-east", h.jwt, strings.Repeat("\x01", 1+i%7*8000), 200, &m)
		want = append(want, m.ID)
	}
	r, _ := h.stream("/ops-east/sse?since=all", "")
	for i, id := range want {
		if m := h.next(r); m.ID != id {
			t.Fatalf("message %d is %s, want %s", i, m.ID, id)
		}
	}
}

// What an address stores without a credential is bounded in bytes, not only in messages.
func TestAnonymousBytesAreBounded(t *testing.T) {
	h := newHome(t, server.Config{AnonymousPerMinute: 1_000_000})
	h.topic("open", db.Public)
	text := strings.Repeat("x", 64<<10)
	stored := 0
	for ; stored < 300; stored++ {
		status, head := h.status("POST", "/open", "", text)
		if status == 429 && head.Get("Retry-After") != "" {
			break
		}
		if status != 200 {
			t.Fatalf("message %d = %d", stored, status)
		}
	}
	if stored < 200 || stored == 300 {
		t.Errorf("%d messages of 64 KiB were stored without a credential, want about 256", stored)
	}
	if status, _ := h.status("POST", "/open", h.jwt, text); status != 200 {
		t.Errorf("with a credential = %d, want 200", status)
	}
}

// What an address reads without a credential has a rate.
func TestAnonymousReadingHasARate(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("open", db.Public)
	refused := 0
	for range 3000 {
		if status, head := h.status("GET", "/open/json", "", ""); status == 429 && head.Get("Retry-After") != "" {
			refused++
			break
		} else if status != 200 {
			t.Fatalf("GET = %d", status)
		}
	}
	if refused == 0 {
		t.Error("3,000 requests at once were all answered")
	}
	if status, _ := h.status("GET", "/open/json", h.jwt, ""); status != 200 {
		t.Errorf("with a credential = %d, want 200", status)
	}
}
