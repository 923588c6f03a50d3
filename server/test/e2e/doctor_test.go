package e2e_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// doctor runs the command against an address and returns the states by name.
func doctor(t *testing.T, s *run.Server, public string) (states map[string]string, code int) {
	t.Helper()
	r := run.Command(t, nil, "", "doctor", "--json", "--data-dir", s.Dir, "--url", public)
	var list []struct{ Name, State, Text string }
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil {
		t.Fatalf("%v\n%s%s", err, r.Stdout, r.Stderr)
	}
	states = map[string]string{}
	for _, f := range list {
		states[f.Name] = f.State
		t.Logf("%s %s: %s", f.State, f.Name, f.Text)
	}
	return states, r.Code
}

// behind puts a proxy with a fault in front of the server.
func behind(t *testing.T, s *run.Server, fault func(*httputil.ReverseProxy)) string {
	t.Helper()
	backend, err := url.Parse("http://" + s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}}
	fault(proxy)
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return front.URL + run.Prefix()
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddAdmin(t, "ann")
	states, code := doctor(t, s, s.URL)
	for _, name := range []string{"clock", "disk", "file modes", "public URL", "headers", "same server", "server-sent events", "WebSocket"} {
		if states[name] != "ok" && name != "disk" {
			t.Errorf("%s is %q, want ok", name, states[name])
		}
	}
	if code != 0 && states["disk"] != "bad" {
		t.Errorf("exit code %d, want 0", code)
	}
	if list := s.Admin(t, "topic", "list"); strings.Contains(list, "doctor-") {
		t.Errorf("the doctor left its topic behind:\n%s", list)
	}
}

func TestDoctorFindsADroppedHeader(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddAdmin(t, "ann")
	public := behind(t, s, func(p *httputil.ReverseProxy) {
		rewrite := p.Rewrite
		p.Rewrite = func(r *httputil.ProxyRequest) { rewrite(r); r.Out.Header.Del("X-Topic-Token") }
	})
	if states, code := doctor(t, s, public); states["headers"] != "bad" || code != 1 {
		t.Errorf("headers %q, exit code %d; want bad and 1", states["headers"], code)
	}
}

func TestDoctorFindsABufferedStream(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddAdmin(t, "ann")
	public := behind(t, s, func(p *httputil.ReverseProxy) {
		p.ModifyResponse = func(res *http.Response) error {
			if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
				res.Header.Set("Content-Type", "text/event-stream;held") // a type the proxy does not flush by itself
				res.Body = held{res}
			}
			return nil
		}
	})
	if states, _ := doctor(t, s, public); states["server-sent events"] != "bad" || states["WebSocket"] != "ok" {
		t.Errorf("server-sent events %q, WebSocket %q; want bad and ok", states["server-sent events"], states["WebSocket"])
	}
}

// held keeps back a body as a buffering proxy does.
type held struct{ *http.Response }

func (h held) Read(p []byte) (int, error) {
	select {
	case <-h.Request.Context().Done():
	case <-time.After(30 * time.Second):
	}
	return 0, h.Request.Context().Err()
}

func (h held) Close() error { return nil }

func TestDoctorFindsOpenFiles(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddAdmin(t, "ann")
	openUp(t, s.Dir)
	if states, code := doctor(t, s, s.URL); states["file modes"] != "bad" || code != 1 {
		t.Errorf("file modes %q, exit code %d; want bad and 1", states["file modes"], code)
	}
}

func openUp(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorComparesAddresses: a proxy that is not trusted makes all clients look like itself. It is seen also where both are on one machine.
func TestDoctorComparesAddresses(t *testing.T) {
	t.Parallel()
	untrusted := run.Start(t)
	untrusted.AddAdmin(t, "ann")
	trusted := run.Start(t, run.Env("NOTIFER_TRUSTED_PROXIES=127.0.0.1"))
	trusted.AddAdmin(t, "ann")
	plain := func(*httputil.ReverseProxy) {}
	for name, row := range map[string]struct {
		s      *run.Server
		public string
		want   string
	}{"direct": {untrusted, untrusted.URL, "ok"}, "a proxy that is not trusted": {untrusted, behind(t, untrusted, plain), "warn"}, "a trusted one": {trusted, behind(t, trusted, plain), "ok"}} {
		if states, _ := doctor(t, row.s, row.public); states["client address"] != row.want && states["client address"] != "skipped" {
			t.Errorf("%s: client address is %q, want %q", name, states["client address"], row.want)
		}
	}
}

// TestDoctorOverAUnixSocket: where the server listens on a socket and has no public URL, every check goes through that socket.
func TestDoctorOverAUnixSocket(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "s")
	s := run.New(t)
	s.Args = []string{"--listen", s.Addr + ",unix:" + socket}
	s.Restart(t)
	s.AddAdmin(t, "ann")
	states, _ := doctor(t, s, "unix:"+socket)
	for _, name := range []string{"public URL", "same server", "server-sent events", "WebSocket"} {
		if states[name] != "ok" {
			t.Errorf("%s is %q, want ok", name, states[name])
		}
	}
}

// TestDoctorPassesOverADisabledAccount: the tokens of a disabled account are refused, which is no fault of the proxy.
func TestDoctorPassesOverADisabledAccount(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddUser(t, "ann")
	s.AddAdmin(t, "zoe")
	s.Admin(t, "user", "disable", "ann")
	if states, code := doctor(t, s, s.URL); states["headers"] != "ok" || code != 0 && states["disk"] != "bad" {
		t.Errorf("headers %q, exit code %d; want ok and 0", states["headers"], code)
	}
}

// TestDoctorFindsASlowStream: a proxy that collects a stream for some seconds delivers, and too late.
func TestDoctorFindsASlowStream(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddAdmin(t, "ann")
	public := behind(t, s, func(p *httputil.ReverseProxy) {
		p.FlushInterval = -1
		p.ModifyResponse = func(res *http.Response) error {
			if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
				res.Body = &late{ReadCloser: res.Body, context: res.Request.Context()}
			}
			return nil
		}
	})
	if states, code := doctor(t, s, public); states["server-sent events"] != "bad" || code != 1 {
		t.Errorf("server-sent events %q, exit code %d; want bad and 1", states["server-sent events"], code)
	}
}

// late is a body whose first piece takes four seconds.
type late struct {
	io.ReadCloser
	context context.Context
	begun   bool
}

func (l *late) Read(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		select {
		case <-l.context.Done():
		case <-time.After(4 * time.Second):
		}
	}
	return l.ReadCloser.Read(p)
}
