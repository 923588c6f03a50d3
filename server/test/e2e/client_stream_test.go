package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"notifer/server/test/run"
)

// cliReader reads a stream by the rules of the shipped command-line client, which are narrower than the standard's:
// only "data: " lines count, whatever the event; each that is JSON must be a whole message; text without a charset is Latin-1;
// a line ends at every character that Unicode takes for a line end.
type cliReader struct {
	raw    *bufio.Reader
	latin1 bool
}

func newCLIReader(res *http.Response) *cliReader {
	_, params, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return &cliReader{raw: bufio.NewReader(res.Body), latin1: !strings.EqualFold(params["charset"], "utf-8")}
}

// cliEnds are the line ends of the client's language besides CR and LF.
const cliEnds = "\v\f\x1c\x1d\x1e\u0085\u2028\u2029"

func (r *cliReader) next(t *testing.T) message {
	t.Helper()
	for {
		raw, err := r.raw.ReadString('\n')
		if err != nil {
			t.Fatalf("stream ended: %v", err)
		}
		for _, line := range strings.FieldsFunc(r.decode(raw), func(c rune) bool { return strings.ContainsRune("\r\n"+cliEnds, c) }) {
			data, found := strings.CutPrefix(line, "data: ")
			if !found || !json.Valid([]byte(data)) {
				continue
			}
			return cliMessage(t, data)
		}
	}
}

func (r *cliReader) decode(raw string) string {
	if !r.latin1 {
		return raw
	}
	var b strings.Builder
	for _, c := range []byte(raw) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// cliMessage is what the client takes out of the JSON of a data line; any of these failures ends the client.
func cliMessage(t *testing.T, data string) message {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(data), &fields); err != nil {
		t.Fatalf("a data line that is JSON but no object: %s", data)
	}
	for _, name := range []string{"timestamp", "message"} {
		if _, isText := fields[name].(string); !isText {
			t.Fatalf("%s = %v, want text: %s", name, fields[name], data)
		}
	}
	if _, isList := fields["tags"].([]any); !isList {
		t.Fatalf("tags = %v, want a list: %s", fields["tags"], data)
	}
	if _, isNumber := fields["priority"].(float64); !isNumber {
		t.Fatalf("priority = %v, want a number: %s", fields["priority"], data)
	}
	if at := fields["timestamp"].(string); !strings.HasSuffix(at, "Z") {
		t.Fatalf("timestamp = %q, want Z at its end", at)
	}
	var m message
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// stream opens path as the client does and checks the headers that the client depends on.
func stream(t *testing.T, s *run.Server, path string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("GET %s = %d %s, want 200", path, res.StatusCode, body)
	}
	for name, want := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if len(res.TransferEncoding) != 1 || res.TransferEncoding[0] != "chunked" {
		t.Errorf("transfer encoding %q, want chunked", res.TransferEncoding)
	}
	return res
}

// awkward are texts that the client loses when the stream's JSON or headers are not exactly right.
var awkward = []string{
	"plain",
	"check ✅ mark",          // has byte 0x85 in it
	"next\u0085line",        // Unicode line ends
	"a\u2028b\u2029c",       //
	"v\vf\ff\x1cg\x1dr\x1e", //
	"two\nlines\r\nand\rmore",
	`{"quoted": "json"}`,
	"data: not another line\n\ndata: {}",
	"emoji 🚨 and ünïcode",
	"17",
	strings.Repeat("long ", 2000),
}

func TestCLIReadsEveryMessage(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	key := p.addKey(t, "*")
	reader := newCLIReader(stream(t, p.Server, "/my-topic/sse", "X-API-Key: "+key))
	for _, text := range awkward {
		if !utf8.ValidString(text) {
			t.Fatalf("%q is no UTF-8", text)
		}
		res, body := call(t, "POST", p.URL+"/my-topic", text, "X-API-Key: "+key)
		if res.StatusCode != 200 {
			t.Fatalf("publish %.40q = %d %s, want 200", text, res.StatusCode, body)
		}
		if m := reader.next(t); m.Message != text || m.Topic != "my-topic" {
			t.Errorf("the client read %.60q, want %.60q", m.Message, text)
		}
	}
}

// The client passes since as it has it: URL-encoded, with Z or an offset.
func TestCLISince(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	before := time.Now().Add(-time.Second)
	for range 3 {
		p.block(t, "header.sh")
	}
	key := p.addKey(t, "subscribe")
	berlin := time.FixedZone("", 3600)
	for _, since := range []string{before.UTC().Format(time.RFC3339), before.In(berlin).Format(time.RFC3339Nano)} {
		reader := newCLIReader(stream(t, p.Server, "/my-topic/sse?since="+url.QueryEscape(since), "X-API-Key: "+key))
		last := ""
		for i := range 3 {
			m := reader.next(t)
			if m.ID <= last {
				t.Errorf("since=%s: message %d has id %s after %s, want oldest first", since, i, m.ID, last)
			}
			last = m.ID
		}
	}
}

// A refusal comes as plain JSON before any stream starts, since the clients look at the status only.
func TestStreamRefusedBeforeItStarts(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	for path, want := range map[string]int{"/my-topic/sse": 401, "/nothing-here/sse": 401} {
		res, body := call(t, "GET", p.URL+path, "", "Accept: text/event-stream")
		if res.StatusCode != want || object(t, body)["detail"] == nil {
			t.Errorf("GET %s = %d %s, want %d with a detail", path, res.StatusCode, body, want)
		}
	}
	if res, body := call(t, "GET", p.URL+"/nothing-here/sse", "", "Authorization: Bearer "+p.jwt); res.StatusCode != 404 {
		t.Errorf("stream of an unknown topic with a JWT = %d %s, want 404", res.StatusCode, body)
	}
}

// Browser samples set ?token= and use onmessage, so the event is message or has no name.
func TestBrowserEventNames(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, token := p.AddToken(t, p.jwt, "my-topic", "both", "publish", "subscribe")
	for _, credential := range []string{token, p.jwt} {
		res := stream(t, p.Server, "/my-topic/sse?token="+url.QueryEscape(credential))
		lines := bufio.NewScanner(res.Body)
		call(t, "POST", p.URL+"/my-topic", "hello", "X-Topic-Token: "+token)
		event := ""
		for lines.Scan() {
			name, isEvent := strings.CutPrefix(lines.Text(), "event:")
			if isEvent {
				event = strings.TrimSpace(name)
			}
			if strings.HasPrefix(lines.Text(), "data: ") {
				break
			}
		}
		if event != "" && event != "message" {
			t.Errorf("event %q, want message or none", event)
		}
	}
}
