package security_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/run"
)

// TestNoEgress runs the server in a network name space with nothing in it, speaks to it over a unix socket, and has it do
// what another server might fetch an address for. The kernel's counters of the name space tell whether it tried.
func TestNoEgress(t *testing.T) {
	if out, err := exec.Command("unshare", "-n", "true").CombinedOutput(); err != nil {
		t.Skipf("skipped: no network name space can be made here: %v %s", err, out)
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	data := filepath.Join(dir, "data")
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(run.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run.Command(t, nil, "", "user", "add", "ada@example.org", "--username", "ada", "--admin", "--password-file", password, "--data-dir", data); r.Code != 0 {
		t.Fatal(r)
	}
	cmd := exec.Command("unshare", "-n", run.Binary(t), "serve", "--listen", "unix:"+socket, "--data-dir", data, "--base-url", "https://home.example.org")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() }()
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }}}
	run.Until(t, "server healthy", func() bool { code, _, _ := send(c, "GET", "http://x/healthz", ""); return code == 200 })
	work(t, c)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/snmp", cmd.Process.Pid))
	if err != nil {
		t.Skipf("skipped: no counters here: %v", err)
	}
	counters := snmp(string(text))
	for _, name := range []string{"Tcp ActiveOpens", "Tcp OutSegs", "Udp OutDatagrams", "Ip OutRequests"} {
		if n, ok := counters[name]; !ok || n != "0" {
			t.Errorf("%s is %q, want 0: the server has sent something", name, n)
		}
	}
}

// work does what elsewhere leads to a request: links, buttons, pictures in markdown, web addresses in settings.
func work(t *testing.T, c *http.Client) {
	t.Helper()
	do := func(want int, method, path, body string, headers ...string) string {
		t.Helper()
		code, text, err := send(c, method, "http://x"+path, body, headers...)
		if code != want {
			t.Fatalf("%s %s = %d %s %v, want %d", method, path, code, text, err, want)
		}
		return text
	}
	login := do(200, "POST", "/auth/login", `{"email":"ada@example.org","password":"`+run.Password+`"}`)
	_, jwt, _ := strings.Cut(login, `"access_token":"`)
	jwt, _, _ = strings.Cut(jwt, `"`)
	bearer := "Authorization: Bearer " + jwt
	do(201, "POST", "/api/topics", `{"name":"my-topic","description":"![x](http://192.0.2.1/x.png)"}`, bearer)
	do(200, "POST", "/my-topic", "![x](http://192.0.2.1/x.png) http://192.0.2.1/", bearer, "X-Markdown: true", "X-URL: http://192.0.2.1/", "X-Actions: http, press, http://192.0.2.1/hook")
	do(200, "GET", "/topic/my-topic", "", bearer, "Accept: text/html")
	do(200, "GET", "/admin", "", bearer, "Accept: text/html")
	do(201, "POST", "/api/users", `{"email":"eve@192.0.2.1.example","username":"eve","password":"correct horse"}`, bearer)
	do(201, "POST", "/api/topics/my-topic/access-tokens", `{"name":"x","permissions":["publish"]}`, bearer)
}

// snmp reads the kernel's pairs of lines: names, then values.
func snmp(text string) map[string]string {
	out := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		names, values := strings.Fields(lines[i]), strings.Fields(lines[i+1])
		for j := 1; j < len(names) && j < len(values); j++ {
			out[strings.TrimSuffix(names[0], ":")+" "+names[j]] = values[j]
		}
	}
	return out
}
