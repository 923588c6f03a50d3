package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/test/run"
)

// A refusal reaches a sender that has not sent its body yet, also when the connection ends with the answer: a connection that is closed
// over bytes nobody has read is reset, and the answer is lost with it.
func TestRefusalArrivesBeforeTheBody(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{BodyBytes: 64 << 10})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "script", "publish").Token
	large := "Content-Length: 65537\r\n"
	for name, row := range map[string]struct {
		head   string
		status int
	}{
		"too large":                {"POST /ops-east HTTP/1.1\r\nConnection: close\r\nX-Topic-Token: " + token + "\r\n" + large, 413},
		"too large, HTTP/1.0":      {"POST /ops-east HTTP/1.0\r\nX-Topic-Token: " + token + "\r\n" + large, 413},
		"no credential":            {"POST /ops-east HTTP/1.1\r\nConnection: close\r\n" + large, 401},
		"no path":                  {"POST /ops-east/none HTTP/1.1\r\nConnection: close\r\n" + large, 404},
		"no method":                {"PUT /api/topics HTTP/1.1\r\nConnection: close\r\n" + large, 405},
		"page":                     {"POST /login HTTP/1.1\r\nOrigin: http://evil.example\r\nAccept: text/html\r\nConnection: close\r\n" + large, 403},
		"larger than what is kept": {"POST /ops-east HTTP/1.1\r\nX-Topic-Token: " + token + "\r\nContent-Length: 1000000\r\n", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, why := 0, error(nil)
			const attempts = 40
			for range attempts {
				res, err := h.sendSlowly("Host: home.example\r\n", row.head)
				if err != nil {
					why = err
				} else if res.StatusCode == row.status {
					arrived++
				} else {
					t.Fatalf("%s, want %d", res.Status, row.status)
				}
			}
			if arrived < attempts {
				t.Errorf("%d of %d refusals arrived: %v", arrived, attempts, why)
			}
		})
	}
}

// sendSlowly sends a body in pieces, whatever comes back, and reads the answer only then.
func (h *home) sendSlowly(host, head string) (*http.Response, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(run.Patience))
	first, rest, _ := strings.Cut(head, "\r\n")
	fmt.Fprint(conn, first+"\r\n"+host+rest+"\r\n")
	var length int
	_, after, _ := strings.Cut(head, "Content-Length: ")
	fmt.Sscan(after, &length)
	for piece := strings.Repeat("x", 8<<10); length > 0; length -= len(piece) {
		if len(piece) > length {
			piece = piece[:length]
		}
		if _, err := conn.Write([]byte(piece)); err != nil {
			return nil, err
		}
		<-time.After(time.Millisecond) // a sender of its own pace
	}
	return http.ReadResponse(bufio.NewReader(conn), nil)
}

// TestCurlGetsAnswersOverHTTP2: curl throws an answer away whose stream is reset before the whole request has been sent.
func TestCurlGetsAnswersOverHTTP2(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	h := newHome(t, server.Config{BodyBytes: 64 << 10})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "script", "publish").Token
	secure := httptest.NewUnstartedServer(h.s)
	secure.EnableHTTP2 = true
	secure.Config.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 64 << 10}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 1_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"no credential":          {[]string{"--data-binary", "@" + file, "/ops-east"}, "401 2 {\"detail\":"},
		"too large":              {[]string{"--data-binary", "@" + file, "-H", "X-Topic-Token: " + token, "/ops-east"}, "413 2 {\"detail\":\"the message"},
		"too large, no length":   {[]string{"-T", file, "-H", "Content-Length:", "-H", "X-Topic-Token: " + token, "/ops-east"}, "413 2 {\"detail\":\"the message"},
		"no path":                {[]string{"--data-binary", "@" + file, "/ops-east/none"}, "404 2 {\"detail\":"},
		"a body that is ignored": {[]string{"-X", "GET", "--data-binary", "@" + file, "/healthz"}, "200 2 {\"status\":\"ok\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				args := append([]string{"-sSk", "--http2", "-w", "%{stderr}%{http_code} %{http_version} "}, row.args...)
				args[len(args)-1] = secure.URL + args[len(args)-1]
				var answer, status bytes.Buffer
				run := exec.CommandContext(t.Context(), curl, args...)
				run.Stdout, run.Stderr = &answer, &status
				err := run.Run()
				if got := status.String() + answer.String(); err != nil || !strings.HasPrefix(got, row.want) {
					t.Fatalf("curl: %v, %q; want %q", err, got, row.want)
				}
			}
		})
	}
}

// TestGoGetsRefusalsAtOnceOverHTTP2: Go's client sends no more of a body that is refused, nor its end, and waits for the end of the answer.
func TestGoGetsRefusalsAtOnceOverHTTP2(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{BodyBytes: 64 << 10})
	h.topic("ops-east", db.Private)
	secure := httptest.NewUnstartedServer(h.s)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	began := time.Now()
	res, err := secure.Client().Post(secure.URL+"/ops-east", "text/plain", bytes.NewReader(make([]byte, 8<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if took := time.Since(began); res.StatusCode != 401 || res.ProtoMajor != 2 || err != nil || len(answer) == 0 || took > 4*time.Second {
		t.Errorf("%s %q, %v after %v; want 401 within four seconds", res.Status, answer, err, took)
	}
}

// withDeadlines is a recorder of which the time to read can be limited, as every response over HTTP/2.
type withDeadlines struct{ *httptest.ResponseRecorder }

func (withDeadlines) SetReadDeadline(time.Time) error { return nil }

// TestPublishOverHTTP2IsAnsweredInOnePiece: a flush before the end of an answer costs a frame of its own and a system call.
func TestPublishOverHTTP2IsAnsweredInOnePiece(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "script", "publish").Token
	for name, row := range map[string]struct {
		length int64 // that is announced
		bytes  int
	}{"small": {100, 100}, "large": {9000, 9000}, "without a length": {-1, 100}} {
		r := httptest.NewRequest("POST", "/ops-east", io.NopCloser(strings.NewReader(strings.Repeat("x", row.bytes))))
		r.ProtoMajor, r.ContentLength = 2, row.length
		r.Header.Set("X-Topic-Token", token)
		w := withDeadlines{httptest.NewRecorder()}
		h.s.ServeHTTP(w, r)
		if w.Code != 200 || w.Flushed {
			t.Errorf("%s: %d, flushed: %v; want 200 and no flush", name, w.Code, w.Flushed)
		}
	}
}
