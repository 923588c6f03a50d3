// Package security_test is the security campaign against the built binary, from outside: weapons, slow and odd HTTP, leaks of
// secrets and the absence of outgoing requests. The tests of rights, origins and streams are beside the server.
package security_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

func TestMain(m *testing.M) { os.Exit(run.Main(m)) }

// host is a server with an account, a private topic and a token for it.
type host struct {
	*run.Server
	jwt, token string
}

func newHost(t *testing.T, options ...run.Option) *host {
	t.Helper()
	h := &host{Server: run.Start(t, options...)}
	h.jwt = h.AddAdmin(t, "ada")
	h.AddTopic(t, h.jwt, "my-topic", "private")
	_, h.token = h.AddToken(t, h.jwt, "my-topic", "both", "publish", "subscribe")
	return h
}

// behind tells the server that this machine is a proxy, so that each request can name a client address of its own.
var behind = run.Args("--trusted-proxies", "127.0.0.1")

// client keeps many connections, as many callers do.
func client(connections int) *http.Client {
	return &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
}

// send makes one request with headers given as "Name: value" and returns its status and body.
func send(c *http.Client, method, url, body string, headers ...string) (int, string, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	res, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// raw writes bytes to the server and reads its answer: until it closes the connection or, where toEnd is not set, has said nothing
// more for a while.
func raw(t *testing.T, addr, text string, toEnd bool) (answer string, closed bool) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return "", true
	}
	defer c.Close()
	go io.WriteString(c, text) // the server may answer and close before it has read all
	var out bytes.Buffer
	buf := make([]byte, 64<<10)
	for {
		if wait := 300 * time.Millisecond; toEnd || out.Len() == 0 {
			c.SetReadDeadline(time.Now().Add(30 * time.Second))
		} else {
			c.SetReadDeadline(time.Now().Add(wait))
		}
		n, err := c.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			e, ok := err.(net.Error)
			return out.String(), !ok || !e.Timeout()
		}
	}
}

// memory reads a line of the process's status in KiB.
func memory(t *testing.T, pid int, line string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("skipped: no procfs here: %v", err)
	}
	var n int
	for row := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(row, line+":"); ok {
			fmt.Sscan(rest, &n)
		}
	}
	return n
}
