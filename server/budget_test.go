package server_test

import (
	"encoding/json"
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
	"notifer/server/test/run"
)

// dial opens a connection to the server; it ends with the test.
func (h *home) dial() net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(run.Patience))
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
	deadline := time.After(run.Patience)
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

// worst is the text that takes most room in JSON; it needs one character to read.
var worst = "x" + strings.Repeat("\x01", 64<<10-1)

// A page of messages ends by bytes, and says where the next begins: following it, every message comes once.
func TestPagesEndByBytes(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var want []string
	for i := range 30 {
		var m api.Message
		h.call("POST", "/ops-east", h.jwt, worst[:1+i%7*8000], 200, &m)
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
	t.Parallel()
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
	h := newHome(t, server.Config{AnonymousReads: 10})
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
	for range 3000 { // one message, whether or not there is one
		status, _ := h.status("GET", "/api/topics/open/messages/cwpwyk54r000", "", "")
		if status == 429 {
			return
		} else if status != 404 {
			t.Fatalf("a message that does not exist = %d, want 404 until it is 429", status)
		}
	}
	t.Error("3,000 requests for one message were all answered")
}

// TestARefusedFormBringsItsTextBack: a long message that is written on a page when the account's budget is used up is refused with its
// text in the form.
func TestARefusedFormBringsItsTextBack(t *testing.T) {
	h := newHome(t, server.Config{TokenBytes: 10 * 3000})
	h.topic("ops-west", db.Private)
	b := h.signedInBrowser()
	text := strings.TrimSpace(strings.Repeat("a text of many words; ", 1000))
	if status, _ := b.post("/topic/ops-west/messages", "message", " ", "title", text); status != 422 { // which uses up all
		t.Errorf("a form without a message = %d, want 422", status)
	}
	status, page := b.post("/topic/ops-west/messages", "message", text)
	if status != 429 || !strings.Contains(page, text+"</textarea>") {
		t.Errorf("a form beyond the budget = %d, want 429 with its text", status)
	}
}

// What may be published a day, and read a second, is what is configured: an eighth of a day's bytes without a credential at once, a tenth
// of a token's.
func TestConfiguredBudgets(t *testing.T) {
	h := newHome(t, server.Config{AnonymousBytes: 8 * 3000, TokenBytes: 10 * 3000, AnonymousReads: 1})
	h.topic("open", db.Public)
	text := strings.Repeat("x", 1000)
	until := func(want int, try func() int) (n int) {
		got := try()
		for ; n < 100 && got == 200; got = try() {
			n++
		}
		if got != want {
			t.Errorf("after %d: %d, want %d", n, got, want)
		}
		return n
	}
	if n := until(429, func() int { s, _ := h.status("POST", "/open", "", text); return s }); n < 1 || n > 3 {
		t.Errorf("%d messages of 1000 bytes in 3000 without a credential", n)
	}
	if status, _ := h.status("POST", "/open", h.jwt, text); status != 200 {
		t.Errorf("the owner beside it = %d, want 200", status)
	}
	if n := until(429, func() int { s, _ := h.status("GET", "/open/json", "", ""); return s }); n < 5 || n > 20 {
		t.Errorf("%d pages read in a burst of 10", n)
	}
}

// An account has one budget of bytes, whichever way it publishes: by its sessions, its API keys, on the page, with the bytes in the title
// or the buttons, or by making a short message long. Other accounts and its tokens have their own.
func TestAccountBytesAreBounded(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1000)
	b := map[string]func(h *home) int{}
	b["session"] = func(h *home) int { s, _ := h.status("POST", "/ops-east", h.jwt, text); return s }
	b["key"] = func(h *home) int {
		var key api.Key
		h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "script"}, 201, &key)
		s, _ := h.status("POST", "/ops-east", key.Key, text)
		return s
	}
	b["page"] = func(h *home) int {
		page := h.browser()
		page.post("/login", "email", "ann", "password", pagePassword)
		s, _ := page.post("/topic/ops-east/messages", "message", text)
		return s
	}
	b["title"] = func(h *home) int {
		return h.sent("POST", "/ops-east", []byte("x"), "Authorization", "Bearer "+h.jwt, "X-Title", text[:250], "X-Actions", "view, a, https://x.example/"+text[:400]).Code
	}
	b["edit"] = func(h *home) int {
		var m api.Message
		rec := h.sent("POST", "/ops-east", []byte("x"), "Authorization", "Bearer "+h.jwt)
		if rec.Code != 200 {
			return rec.Code
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			h.t.Fatal(err)
		}
		return h.sent("PATCH", "/api/ops-east/messages/"+m.ID, []byte(`{"message":"`+text+`"}`), "Authorization", "Bearer "+h.jwt, "Content-Type", "application/json").Code
	}
	for name, publish := range b {
		h := newHome(t, server.Config{TokenBytes: 10 * 3000})
		h.topic("ops-east", db.Private)
		token := h.token("ops-east", "its own", "publish").Token
		n, status := 0, 200
		for ; n < 100 && status == 200; n++ {
			status = publish(h)
		}
		if status != 429 || n > 10 {
			t.Errorf("%s: %d after %d, want 429 within 3000 bytes", name, status, n)
		}
		for other, again := range b {
			if got := again(h); got != 429 && other != "title" && other != "edit" {
				t.Errorf("%s is refused, and %s answers %d", name, other, got)
			}
		}
		if status, _ := h.status("POST", "/ops-east", token, text); status != 200 {
			t.Errorf("%s: a token of the account = %d, want 200", name, status)
		}
	}
}

// The page of a topic that is larger than a share of the budget is seen all the same by a reader that holds nothing else, compressed or
// not.
func TestLargestPageIsSeen(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("open", db.Public)
	for range 30 {
		h.call("POST", "/open", h.jwt, strings.Repeat(`"`, 64<<10), 200, nil)
	}
	for _, encoding := range []string{"identity", "gzip"} {
		req, err := http.NewRequest("GET", h.url+"/topic/open", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", encoding)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || err != nil {
			t.Errorf("%s: %d with %d bytes, %v", encoding, res.StatusCode, n, err)
		}
	}
}
