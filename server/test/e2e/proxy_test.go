package e2e_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/server/test/run"
)

// proxies start a real proxy with the file that `notifer init` prints.
var proxies = map[string]func(t *testing.T, public, listen, backend string) *exec.Cmd{
	"nginx": printedNginx,
	"caddy": printedCaddy,
}

// The printed file of each proxy passes publishing, credentials, message fields, server-sent events and WebSocket, at the
// root and in a sub-path.
func TestBehindProxies(t *testing.T) {
	t.Parallel()
	eachProxy(t, func(t *testing.T, name, listen, public string) {
		s := run.Start(t, run.Args("--base-url", public, "--trusted-proxies", "127.0.0.1"))
		launch(t, proxies[name](t, public, listen, s.Addr))
		run.Until(t, name+" passes requests", func() bool {
			res, err := http.Get(public + "/healthz")
			if err == nil {
				res.Body.Close()
			}
			return err == nil && res.StatusCode == http.StatusOK
		})
		jwt := s.AddAdmin(t, "ann")
		s.AddTopic(t, jwt, "my-topic", "private")
		_, token := s.AddToken(t, jwt, "my-topic", "both", "publish", "subscribe")
		throughProxy(t, public, token)
	})
}

// eachProxy tries each proxy that is installed, at the root and in a sub-path of a URL where nothing listens yet.
func eachProxy(t *testing.T, try func(t *testing.T, name, listen, public string)) {
	if run.Prefix() != "" {
		t.Skip("this test has a sub-path of its own")
	}
	for name := range proxies {
		for _, prefix := range []string{"", "/notify"} {
			t.Run(name+prefix, func(t *testing.T) {
				need(t, name)
				listen := run.FreeAddr(t)
				try(t, name, listen, "http://"+listen+prefix)
			})
		}
	}
}

// TestProxiesWithoutServer: while the server is away for longer than a proxy waits, the printed files answer a stream with an empty one, as a
// browser's EventSource never asks again after an error, and everything else with an error.
func TestProxiesWithoutServer(t *testing.T) {
	t.Parallel()
	eachProxy(t, func(t *testing.T, name, listen, public string) {
		t.Parallel()
		launch(t, proxies[name](t, public, listen, "127.0.0.1:1"))
		run.Until(t, name+" listens", func() bool {
			c, err := net.Dial("tcp", listen)
			if err == nil {
				c.Close()
			}
			return err == nil
		})
		var asked sync.WaitGroup
		for path, stream := range map[string]bool{"/my-topic/sse": true, "/my-topic/sse?since=all": true, "/sse?topics=my-topic": true,
			"/my-topic": false, "/my-topic/json": false, "/healthz": false, "/settings/keys": false} {
			asked.Go(func() {
				res, err := http.Get(public + path)
				if err != nil {
					t.Error(err)
					return
				}
				res.Body.Close()
				empty := res.StatusCode == http.StatusOK && res.Header.Get("Content-Type") == "text/event-stream"
				if stream != empty || !stream && res.StatusCode < 500 {
					t.Errorf("GET %s: %s, %q; an empty stream: want %v", path, res.Status, res.Header.Get("Content-Type"), stream)
				}
			})
		}
		asked.Wait()
	})
}

func throughProxy(t *testing.T, public, token string) {
	events := openEvents(t, public, token)
	socket := openSocket(t, public, token)
	res, text := call(t, "POST", public+"/my-topic", "Build completed", "X-Topic-Token: "+token, "X-Title: CI/CD", "X-Priority: 5", "X-Tags: ci,deploy")
	m := object(t, text)
	if res.StatusCode != http.StatusOK || m["title"] != "CI/CD" || m["priority"] != 5.0 || len(m["tags"].([]any)) != 2 {
		t.Fatalf("publish = %d %s", res.StatusCode, text)
	}
	id := m["id"].(string)
	if line := <-events; !strings.Contains(line, id) {
		t.Errorf("event = %q, want %s", line, id)
	}
	if frame := <-socket; !strings.Contains(frame, id) {
		t.Errorf("frame = %q, want %s", frame, id)
	}
	if res, text := call(t, "POST", public+"/my-topic", "x", "X-Topic-Token: tk_wrong"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token = %d %s", res.StatusCode, text)
	}
	if res, text := call(t, "GET", public+"/my-topic/json?token="+token, ""); res.StatusCode != http.StatusOK || !strings.Contains(text, id) {
		t.Errorf("history with the token in the address = %d %s", res.StatusCode, text)
	}
	res, text = call(t, "GET", public+"/login", "", "Accept: text/html")
	prefix := strings.TrimPrefix(public, "http://"+res.Request.URL.Host)
	if res.StatusCode != http.StatusOK || !strings.Contains(text, `href="`+prefix+`/static/`) {
		t.Errorf("the page's links do not begin with %q: %d", prefix, res.StatusCode)
	}
}

// openEvents reads data lines of the stream; the channel yields them as they come.
func openEvents(t *testing.T, public, token string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", public+"/my-topic/sse", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("stream = %d", res.StatusCode)
	}
	lines := make(chan string, 10)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				lines <- data
			}
		}
	}()
	return lines
}

func openSocket(t *testing.T, public, token string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, strings.Replace(public, "http", "ws", 1)+"/my-topic/ws",
		&websocket.DialOptions{HTTPHeader: http.Header{"X-Topic-Token": {token}}})
	if err != nil {
		t.Fatal(err)
	}
	frames := make(chan string, 10)
	go func() {
		defer close(frames)
		defer conn.CloseNow()
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				return
			}
			frames <- string(text)
		}
	}()
	return frames
}

// launch runs a proxy until the test ends.
func launch(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		late := time.AfterFunc(15*time.Second, func() { cmd.Process.Kill() }) // which leaves nginx its workers
		cmd.Wait()
		late.Stop()
		if t.Failed() {
			t.Logf("proxy log:\n%s", log.String())
		}
	})
}

func printed(t *testing.T, args ...string) string {
	t.Helper()
	r := run.Command(t, nil, "", append([]string{"init"}, args...)...)
	if r.Code != 0 {
		t.Fatalf("init %v: %s", args, r.Stderr)
	}
	return r.Stdout
}

func printedNginx(t *testing.T, public, listen, backend string) *exec.Cmd {
	dir := t.TempDir()
	site := strings.ReplaceAll(printed(t, "nginx", "--url", public, "--listen", listen, "--backend", backend), "/var/log/nginx", dir)
	conf := "daemon off;\nuser root;\npid " + dir + "/pid;\nerror_log " + dir + "/error.log;\nevents {}\nhttp {\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	if os.Getuid() != 0 {
		conf = strings.Replace(conf, "user root;\n", "", 1)
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf+site+"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return exec.Command("nginx", "-c", path, "-e", dir+"/error.log")
}

func printedCaddy(t *testing.T, public, listen, backend string) *exec.Cmd {
	dir := t.TempDir()
	path := filepath.Join(dir, "Caddyfile")
	site := printed(t, "caddy", "--url", public, "--listen", listen, "--backend", backend)
	if err := os.WriteFile(path, []byte("{\n\tadmin off\n}\n"+site), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", path)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}
