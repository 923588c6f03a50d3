package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/server/test/run"
)

// event is one event of a stream as the standard's parser gives it.
type event struct{ id, name, data string }

// events reads a stream by the standard's rules, comments included under the name ":".
func events(res *http.Response) func(t *testing.T) (event, bool) {
	lines := bufio.NewScanner(res.Body)
	return func(t *testing.T) (event, bool) {
		t.Helper()
		var e event
		for lines.Scan() {
			line := lines.Text()
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch {
			case line == "" && e == event{}:
				continue // the blank line after a comment
			case line == "":
				return e, true
			case field == "":
				return event{name: ":"}, true
			case field == "id":
				e.id = value
			case field == "event":
				e.name = value
			case field == "data":
				e.data += value
			}
		}
		return event{}, false
	}
}

// publish sends texts in order and returns their ids.
func publish(t *testing.T, s *run.Server, jwt, topic string, texts ...string) (ids []string) {
	t.Helper()
	for _, text := range texts {
		res, body := call(t, "POST", s.URL+"/"+topic, text, "Authorization: Bearer "+jwt)
		if res.StatusCode != 200 {
			t.Fatalf("publish %q = %d %s, want 200", text, res.StatusCode, body)
		}
		ids = append(ids, object(t, body)["id"].(string))
	}
	return ids
}

// data reads the next n messages' texts, past events without data and comments.
func data(t *testing.T, next func(*testing.T) (event, bool), n int) (texts []string) {
	t.Helper()
	for len(texts) < n {
		e, open := next(t)
		if !open {
			t.Fatalf("the stream ended after %q, want %d messages", texts, n)
		}
		if e.data == "" {
			continue
		}
		m := cliMessage(t, e.data)
		if e.id != m.ID {
			t.Errorf("event id %s with message id %s", e.id, m.ID)
		}
		texts = append(texts, m.Message)
	}
	return texts
}

func TestStreamOpensWithItsCursorAndResumes(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	bearer := "Authorization: Bearer " + p.jwt
	first := publish(t, p.Server, p.jwt, "my-topic", "one")
	next := events(stream(t, p.Server, "/my-topic/sse", bearer))
	if opening, _ := next(t); opening.id != first[0] || opening.data != "" {
		t.Errorf("the stream opens with %+v, want the cursor %s", opening, first[0])
	}
	ids := publish(t, p.Server, p.jwt, "my-topic", "two", "three", "four")
	if got := data(t, next, 3); !slices.Equal(got, []string{"two", "three", "four"}) {
		t.Errorf("live: %q", got)
	}
	for _, c := range []struct {
		what, query string
		headers     []string
		want        []string
	}{
		{"Last-Event-ID", "", []string{"Last-Event-ID: " + ids[0]}, []string{"three", "four"}},
		{"last_event_id", "?last_event_id=" + ids[1], nil, []string{"four"}},
		{"since an id", "?since=" + ids[0], nil, []string{"three", "four"}},
		{"since all", "?since=all", nil, []string{"one", "two", "three", "four"}},
		{"since a duration", "?since=10m", nil, []string{"one", "two", "three", "four"}},
		{"since unix seconds", "?since=1000000000", nil, []string{"one", "two", "three", "four"}},
		{"since seconds of Python", "?since=1000000000.25", nil, []string{"one", "two", "three", "four"}},
		{"since weeks", "?since=2w", nil, []string{"one", "two", "three", "four"}},
		{"since a date and time", "?since=2020-01-02%2003:04:05", nil, []string{"one", "two", "three", "four"}},
		{"since all, in capitals", "?since=ALL", nil, []string{"one", "two", "three", "four"}},
		{"the header wins", "?since=all", []string{"Last-Event-ID: " + ids[1]}, []string{"four"}},
	} {
		next := events(stream(t, p.Server, "/my-topic/sse"+c.query, append(c.headers, bearer)...))
		if got := data(t, next, len(c.want)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestStreamOfSeveralTopics(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic", "deployments", "secrets")
	_, token := p.AddToken(t, p.jwt, "my-topic", "logs", "subscribe")
	next := events(stream(t, p.Server, "/sse?topics=my-topic,deployments", "Authorization: Bearer "+p.jwt))
	publish(t, p.Server, p.jwt, "secrets", "hidden")
	publish(t, p.Server, p.jwt, "deployments", "a")
	publish(t, p.Server, p.jwt, "my-topic", "b")
	if got := data(t, next, 2); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("two topics: %q, want a and b", got)
	}
	if res, body := call(t, "GET", p.URL+"/sse?topics=my-topic,deployments", "", "X-Topic-Token: "+token); res.StatusCode != 401 {
		t.Errorf("a token for one of two topics = %d %s, want 401", res.StatusCode, body)
	}
}

func TestStreamSendsSignsOfLife(t *testing.T) {
	t.Parallel()
	s := run.Start(t, run.Env("NOTIFER_STREAM_HEARTBEAT=100ms"))
	jwt := s.AddUser(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	next := events(stream(t, s, "/my-topic/sse", "Authorization: Bearer "+jwt))
	next(t)
	for range 3 {
		if e, open := next(t); !open || e.name != ":" {
			t.Fatalf("a silent stream got %+v, want a comment", e)
		}
	}
}

func TestRevokedStreamEnds(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	id, token := p.AddToken(t, p.jwt, "my-topic", "logs", "subscribe")
	next := events(stream(t, p.Server, "/my-topic/sse", "X-Topic-Token: "+token))
	next(t)
	ws := socket(t, p.Server, "/my-topic/ws", token)
	if code := p.JSON(t, "DELETE", "/api/topics/my-topic/access-tokens/"+id, p.jwt, nil, nil); code != 204 {
		t.Fatalf("revoke = %d, want 204", code)
	}
	publish(t, p.Server, p.jwt, "my-topic", "after the revocation")
	var last event
	for e, open := next(t); open; e, open = next(t) {
		if e.data != "" {
			last = e
		}
	}
	if last.name != "revoked" || last.data != "revoked" {
		t.Errorf("the stream's last event is %+v, want revoked", last)
	}
	if _, text, err := ws.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("the socket read %q, %v; want close 1008", text, err)
	}
}

// socket opens a WebSocket with a token in the query, as a browser must.
func socket(t *testing.T, s *run.Server, path, token string) *websocket.Conn {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), "ws://"+s.Addr+path+"?token="+token, nil)
	if err != nil {
		t.Fatalf("dial %s: %v %v", path, err, res)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func TestSocketFrames(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, token := p.AddToken(t, p.jwt, "my-topic", "both", "publish", "subscribe")
	conn := socket(t, p.Server, "/my-topic/ws", token)
	for _, ping := range []string{"ping", `{"type":"ping"}`} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(ping)); err != nil {
			t.Fatal(err)
		}
		if _, text, err := conn.Read(t.Context()); err != nil || string(text) != `{"type":"pong"}` {
			t.Errorf("%s answered %q, %v; want a pong", ping, text, err)
		}
	}
	conn.Write(t.Context(), websocket.MessageText, []byte("anything else"))
	_, reply := call(t, "POST", p.URL+"/my-topic", "hello ✅", "X-Topic-Token: "+token, "X-Tags: a,b")
	kind, text, err := conn.Read(t.Context())
	if err != nil || kind != websocket.MessageText {
		t.Fatalf("read: %v %v", kind, err)
	}
	var frame, answer map[string]any
	if json.Unmarshal(text, &frame) != nil || json.Unmarshal([]byte(reply), &answer) != nil || len(frame) != len(answer) {
		t.Fatalf("frame %s, reply to the publish %s", text, reply)
	}
	if frame["id"] != answer["id"] || frame["message"] != "hello ✅" {
		t.Errorf("frame %s, want the message of %s", text, reply)
	}
	if again := socket(t, p.Server, "/my-topic/ws", token+"&since=all"); true {
		_, replay, err := again.Read(t.Context())
		if err != nil || string(replay) != string(text) {
			t.Errorf("replay %s, %v; want %s", replay, err, text)
		}
	}
}

// A client that sends its first frame together with the handshake loses nothing of it.
func TestSocketSpeaksEarly(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	conn, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(run.Patience))
	ping := "\x81\x84\x00\x00\x00\x00ping" // a masked text frame, RFC 6455 section 5.2
	fmt.Fprintf(conn, "GET /my-topic/ws?token=%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n%s", p.jwt, p.Addr, ping)
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v %v, want 101", res, err)
	}
	pong := make([]byte, len("..")+len(`{"type":"pong"}`))
	if _, err := io.ReadFull(reader, pong); err != nil || string(pong[2:]) != `{"type":"pong"}` {
		t.Errorf("the early ping got %q, %v; want a pong", pong, err)
	}
}
