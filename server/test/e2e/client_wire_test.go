package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// shape is a request as a real client puts it on the wire; TOKEN, HOST and the length are filled in.
type shape struct {
	client, request, body string
	want                  message
}

const untitled = ""

func wireShapes() []shape {
	build := message{Message: "Build completed", Priority: 3, Tags: []string{}}
	return []shape{
		{"python requests", "POST /my-topic HTTP/1.1\r\nHost: HOST\r\nUser-Agent: python-requests/2.32.5\r\nAccept-Encoding: gzip, deflate\r\n" +
			"Accept: */*\r\nConnection: keep-alive\r\nX-Topic-Token: TOKEN\r\nX-Title: CI/CD\r\nX-Priority: 3\r\nContent-Length: LENGTH\r\n\r\n",
			"Build completed", titled(build, "CI/CD")},
		{"node fetch", "POST /my-topic HTTP/1.1\r\nhost: HOST\r\nconnection: keep-alive\r\nX-Topic-Token: TOKEN\r\nX-Title: CI/CD\r\n" +
			"Content-Type: text/plain\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\n" +
			"accept-encoding: gzip, deflate\r\ncontent-length: LENGTH\r\n\r\n",
			"Build completed", titled(build, "CI/CD")},
		{"curl -d", "POST /my-topic HTTP/1.1\r\nHost: HOST\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nX-Topic-Token: TOKEN\r\n" +
			"Content-Length: LENGTH\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",
			"a=1&b=%20+x", message{Message: "a=1&b=%20+x", Priority: 3, Tags: []string{}}},
		{"curl -T -", "PUT /my-topic HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n" +
			"X-Topic-Token: TOKEN\r\nExpect: 100-continue\r\n\r\n",
			"4\r\nfrom\r\n5\r\n pipe\r\n0\r\n\r\n", message{Message: "from pipe", Priority: 3, Tags: []string{}}},
		{"java with h2c", "POST /my-topic HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: LENGTH\r\nHost: HOST\r\n" +
			"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/17.0.9\r\n" +
			"Content-Type: application/json\r\nX-Topic-Token: TOKEN\r\n\r\n",
			`{"message":"Build #7 failed","title":"job","priority":5,"tags":["jenkins","failure"]}`,
			titled(message{Message: "Build #7 failed", Priority: 5, Tags: []string{"jenkins", "failure"}}, "job")},
		{"command-line client", "POST /my-topic HTTP/1.1\r\nHost: HOST\r\nX-Topic-Token: TOKEN\r\nContent-Type: application/json\r\nContent-Length: LENGTH\r\n\r\n",
			`{"message":"hi","title":null,"priority":3,"tags":["a"," b"]}`, message{Message: "hi", Priority: 3, Tags: []string{"a", "b"}}},
	}
}

func titled(m message, title string) message { m.Title = &title; return m }

func TestWireShapes(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	for _, c := range wireShapes() {
		t.Run(c.client, func(t *testing.T) {
			fill := strings.NewReplacer("HOST", p.Addr, "TOKEN", p.values["tk_..."], "LENGTH", fmt.Sprint(len(c.body)))
			res, body := raw(t, p.Addr, fill.Replace(c.request)+c.body)
			if res.StatusCode != 200 {
				t.Fatalf("%d %s, want 200", res.StatusCode, body)
			}
			reply := object(t, body)
			for _, name := range []string{"id", "timestamp"} {
				if text, _ := reply[name].(string); text == "" {
					t.Errorf("the reply's %s = %v, want text", name, reply[name])
				}
			}
			if _, isNumber := reply["priority"].(float64); !isNumber {
				t.Errorf("the reply's priority = %v, want a number", reply["priority"])
			}
			same(t, newest(t, p.Server, p.jwt, "my-topic"), c.want)
		})
	}
}

func same(t *testing.T, got, want message) {
	t.Helper()
	title := func(m message) string {
		if m.Title == nil {
			return untitled
		}
		return *m.Title
	}
	if got.Message != want.Message || title(got) != title(want) || got.Priority != want.Priority || !slices.Equal(got.Tags, want.Tags) || got.Tags == nil {
		t.Errorf("stored %+v (title %q), want %+v (title %q)", got, title(got), want, title(want))
	}
}

// raw sends bytes as they are and reads one reply, past any 100 Continue.
func raw(t *testing.T, addr, request string) (*http.Response, string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(run.Patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for {
		res, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusContinue {
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
}

func TestCurlUploadsFromAPipe(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	script := `printf 'line one\nline two' | curl -T - -H "X-Topic-Token: tk_..." https://app.notifer.io/my-topic`
	for placeholder, value := range p.values {
		script = strings.ReplaceAll(script, placeholder, value)
	}
	if status, body := p.shell(t, script); status != 200 {
		t.Fatalf("curl -T - = %d %s, want 200", status, body)
	}
	p.expect(t, "my-topic", "line one\nline two", "", 3)
	file := filepath.Join(t.TempDir(), "backup.log")
	write(t, file, []byte("line three"))
	script = `curl -T ` + file + ` -H "X-Topic-Token: ` + p.values["tk_..."] + `" ` + p.values["https://app.notifer.io"] + `/my-topic/`
	if status, body := p.shell(t, script); status != 200 {
		t.Fatalf("curl -T FILE URL/ = %d %s, want 200", status, body)
	}
	p.expect(t, "my-topic", "line three", "backup.log", 3)
}

// The client with a saved key and --topic-token sends both; each must be good, and one of them is enough to grant.
func TestCLISendsTwoCredentials(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, publish := p.AddToken(t, p.jwt, "my-topic", "CI", "publish")
	_, subscribe := p.AddToken(t, p.jwt, "my-topic", "logs", "subscribe")
	key := p.addKey(t, "publish")
	const bad = "tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc"
	for _, c := range []struct {
		what    string
		query   string
		headers []string
		want    int
	}{
		{"key and token", "", []string{"X-API-Key: " + key, "X-Topic-Token: " + publish}, 200},
		{"key and query token", "?token=" + publish, []string{"X-API-Key: " + key}, 200},
		{"key grants what the token lacks", "", []string{"X-API-Key: " + key, "X-Topic-Token: " + subscribe}, 200},
		{"good key, bad token", "", []string{"X-API-Key: " + key, "X-Topic-Token: " + bad}, 401},
		{"bad key, good token", "", []string{"X-API-Key: noti_" + strings.Repeat("x", 32), "X-Topic-Token: " + publish}, 401},
		{"two tokens", "?token=" + subscribe, []string{"X-Topic-Token: " + publish}, 400},
		{"the header twice", "", []string{"X-Topic-Token: " + publish, "X-Topic-Token: " + publish}, 400},
		{"the query twice", "?token=" + publish + "&token=" + publish, nil, 400},
		{"token as bearer", "", []string{"Authorization: Bearer " + publish}, 200},
		{"key as bearer", "", []string{"Authorization: Bearer " + key}, 200},
		{"JWT in the query of a publish", "?token=" + p.jwt, nil, 401},
	} {
		if res, body := call(t, "POST", p.URL+"/my-topic"+c.query, "x", c.headers...); res.StatusCode != c.want {
			t.Errorf("%s: %d %s, want %d", c.what, res.StatusCode, body, c.want)
		}
	}
}

// Both clients' libraries turn a redirected POST into a GET, so no publish is ever answered with one.
func TestPublishIsNeverRedirected(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	// A slash too many is a sender's slip, and published; any other spelling is another path.
	stored := map[string]bool{"/my-topic/": true, "//my-topic": true, "/my%2dtopic/": true}
	for _, path := range []string{"/my-topic/", "//my-topic", "/./my-topic", "/my-topic/.", "/x/../my-topic", "/MY-TOPIC", "/my%2dtopic/"} {
		for _, method := range []string{"POST", "PUT"} {
			request := method + " " + path + " HTTP/1.1\r\nHost: " + p.Addr + "\r\nX-Topic-Token: " + p.values["tk_..."] + "\r\nContent-Length: 1\r\n\r\nx"
			res, body := raw(t, p.Addr, request)
			if stored[path] != (res.StatusCode == 200) || res.StatusCode/100 == 3 {
				t.Errorf("%s %s = %d %s, stored: %v", method, path, res.StatusCode, body, stored[path])
			}
			if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
				t.Errorf("%s %s: content type %q", method, path, res.Header.Get("Content-Type"))
			}
		}
	}
	if n := count(t, p.Server, p.jwt, "my-topic"); n != 2*len(stored) {
		t.Errorf("%d messages were stored, want %d", n, 2*len(stored))
	}
}
