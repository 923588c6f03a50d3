// Package e2e_test looks at the built binary from outside: the specification page by curl, what shipped clients send,
// the README's lines, and the rules that hold for the source as a whole.
package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// TestMain lets more tests run at a time than there are processors: most of them wait for processes.
func TestMain(m *testing.M) {
	run.Abreast(6)
	os.Exit(run.Main(m))
}

// message is the JSON of one message, as a client reads it.
type message struct {
	ID        string   `json:"id"`
	Topic     string   `json:"topic"`
	Title     *string  `json:"title"`
	Message   string   `json:"message"`
	Priority  int      `json:"priority"`
	Tags      []string `json:"tags"`
	Timestamp string   `json:"timestamp"`
}

// newest returns the last message of a topic, by its history.
func newest(t *testing.T, s *run.Server, jwt, topic string) message {
	t.Helper()
	var all []message
	if code := s.JSON(t, "GET", "/"+topic+"/json?limit=1", jwt, nil, &all); code != http.StatusOK || len(all) != 1 {
		t.Fatalf("GET /%s/json?limit=1 = %d with %d messages, want 200 with 1", topic, code, len(all))
	}
	return all[0]
}

// count returns how many messages a topic has, by its history.
func count(t *testing.T, s *run.Server, jwt, topic string) int {
	t.Helper()
	var all []message
	if code := s.JSON(t, "GET", "/"+topic+"/json?limit=100", jwt, nil, &all); code != http.StatusOK {
		t.Fatalf("GET /%s/json = %d, want 200", topic, code)
	}
	return len(all)
}

// call is one request with headers given as "Name: value"; it returns the reply with its body read.
func call(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	noRedirect := &http.Client{Transport: run.Requests.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := noRedirect.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

// object decodes a JSON object.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return o
}

// need skips the test on a machine without this program; .ci/run installs all of them.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
}
