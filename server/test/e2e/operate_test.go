package e2e_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/run"
)

// numbers reads /metrics into a map from name, with labels, to value.
func numbers(t *testing.T, address string) map[string]float64 {
	t.Helper()
	res, text := call(t, "GET", "http://"+address+"/metrics", "")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("metrics = %d", res.StatusCode)
	}
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			all[name] = n
		}
	}
	return all
}

func TestMetricsCountOnTheirOwnListener(t *testing.T) {
	t.Parallel()
	listen := run.FreeAddr(t)
	s := run.Start(t, run.Args("--metrics-listen", listen))
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	_, token := s.AddToken(t, jwt, "my-topic", "CI", "publish")
	for range 3 {
		call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: "+token)
	}
	call(t, "GET", s.URL+"/my-topic/json", "", "X-Topic-Token: "+token)
	got := numbers(t, listen)
	for name, want := range map[string]float64{
		"notifer_published_total": 3, "notifer_store_healthy": 1, "notifer_publish_seconds_count": 3,
		`notifer_refused_total{status="403",reason="permission"}`: 1,
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
	if res, _ := call(t, "GET", s.URL+"/metrics", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics at the main address = %d, want 404", res.StatusCode)
	}
	dashboardNames(t, got)
}

// dashboardNames checks that the printed dashboard asks for numbers that exist.
func dashboardNames(t *testing.T, got map[string]float64) {
	t.Helper()
	text := printed(t, "grafana")
	if !json.Valid([]byte(text)) {
		t.Fatal("the dashboard is no JSON")
	}
	have := map[string]bool{}
	for name := range got {
		name, _, _ = strings.Cut(name, "{")
		have[name] = true
	}
	for _, name := range regexp.MustCompile(`(notifer|process|go)_[a-z_]+`).FindAllString(text, -1) {
		if !have[name] {
			t.Errorf("the dashboard asks for %s, which is not measured", name)
		}
	}
}

func TestMetricsForAllowedNetworks(t *testing.T) {
	t.Parallel()
	s := run.Start(t, run.Args("--metrics-allow", "127.0.0.0/8"))
	if res, _ := call(t, "GET", s.URL+"/metrics", ""); res.StatusCode != http.StatusOK {
		t.Errorf("/metrics = %d, want 200", res.StatusCode)
	}
	if res, _ := call(t, "GET", s.URL+"/metrics", "", "X-Forwarded-For: 127.0.0.1"); res.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics through a proxy = %d, want 404", res.StatusCode)
	}
	s = run.Start(t, run.Args("--metrics-allow", "127.0.0.0/8", "--base-url", "https://home.example/notify"))
	for path, want := range map[string]int{"/metrics": 200, "/notify/metrics": 200, "/metrics/metrics": 404, "/other/metrics": 404} {
		if res, _ := call(t, "GET", "http://"+s.Addr+path, ""); res.StatusCode != want {
			t.Errorf("%s below a sub-path = %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestReloadTakesLimitsOver(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "notifer.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[limits]\nmessage_bytes = 10\n")
	s := run.Start(t, run.Args("--config", file))
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	s.AddTopic(t, jwt, "open-topic", "public")
	publish := func() int {
		res, _ := call(t, "POST", s.URL+"/my-topic", "more than ten bytes", "Authorization: Bearer "+jwt, "X-Strict: 1")
		return res.StatusCode
	}
	if got := publish(); got != http.StatusRequestEntityTooLarge {
		t.Fatalf("publish = %d, want 413", got)
	}
	write("listen = \":1\"\n[limits]\nmessage_bytes = 100\nopen_publish = false\n[tokens]\nmax_per_topic = 3\n")
	hangUp(t, s)
	run.Until(t, "reloaded", func() bool {
		return strings.Contains(s.Log(), `"changed":"limits.message_bytes limits.open_publish","restart_needed":"tokens.max_per_topic"`)
	})
	if got := publish(); got != http.StatusOK {
		t.Errorf("publish after the reload = %d, want 200", got)
	}
	if res, _ := call(t, "POST", s.URL+"/open-topic", "from anybody"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("publish without a credential after open_publish = false: %d, want 401", res.StatusCode)
	}
	write("nonsense = 1\n")
	hangUp(t, s)
	run.Until(t, "a wrong file is reported", func() bool { return strings.Contains(s.Log(), "the configuration stays as it was") })
	if got := publish(); got != http.StatusOK {
		t.Errorf("publish after a wrong file = %d, want 200", got)
	}
}

func hangUp(t *testing.T, s *run.Server) {
	t.Helper()
	if err := syscall.Kill(s.Pid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// systemd hands over a socket and wants to hear of readiness, the watchdog, a reload and the end.
func TestUnderSystemd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	told, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	passed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := passed.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	// LISTEN_PID must be the program's own id, which only a shell that becomes the program knows beforehand.
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" serve --listen 127.0.0.1:1 --data-dir "$1"`, run.Binary(t), dir+"/data")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+dir+"/notify", "LISTEN_FDS=1", "WATCHDOG_USEC=400000", "JOURNAL_STREAM=1:1")
	cmd.ExtraFiles = []*os.File{file}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	for _, want := range []string{"READY=1", "WATCHDOG=1"} {
		hear(t, told, want)
	}
	run.AwaitHealthy(t, passed.Addr().String())
	passed.Close()
	cmd.Process.Signal(syscall.SIGHUP)
	hear(t, told, "RELOADING=1")
	hear(t, told, "READY=1")
	cmd.Process.Signal(syscall.SIGTERM)
	hear(t, told, "STOPPING=1")
	for range 100 {
		_ = cmd.Process.Signal(syscall.SIGHUP) // too late to be obeyed, and no reason to die of it
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v\n%s", err, log.String())
	}
	if strings.Contains(log.String(), `"time"`) {
		t.Errorf("the journal gets a second time:\n%s", log.String())
	}
}

// hear waits for a line, past the others.
func hear(t *testing.T, told *net.UnixConn, want string) {
	t.Helper()
	told.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 4096)
	for {
		n, err := told.Read(buf)
		if err != nil {
			t.Fatalf("systemd did not hear %s: %v", want, err)
		}
		if strings.Contains(string(buf[:n]), want) {
			return
		}
	}
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "notifer.sock")
	s := run.Start(t, run.Args("--listen-mode", "0600"))
	s.Stop(t)
	cmd := exec.Command(run.Binary(t), "serve", "--listen", "unix:"+path, "--listen-mode", "0600", "--data-dir", s.Dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	run.Until(t, "the socket answers", func() bool {
		return run.Command(t, nil, "", "health", "--listen", "unix:"+path).Code == 0
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info.Mode(), err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if r := run.Command(t, nil, "", "health", "--listen", "unix:"+path); r.Code != 4 {
		t.Errorf("health without a server = %d, want 4: %s", r.Code, r.Stderr)
	}
}

// A bare machine and the binary: four commands to the first message on the screen, in two minutes.
func TestFourCommandsToTheFirstMessage(t *testing.T) {
	t.Parallel()
	began := time.Now()
	dir, address := t.TempDir(), run.FreeAddr(t)
	env := append(os.Environ(), "NOTIFER_DATA_DIR="+dir+"/data", "NOTIFER_LISTEN="+address, "NOTIFER_URL=http://"+address)
	serve := exec.Command(run.Binary(t), "serve")
	serve.Env, serve.Dir = env, dir
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer serve.Process.Kill()
	run.AwaitHealthy(t, address)
	script := `echo 'correct horse battery' | "$0" user add ann@home.example --password-file - --admin &&
		"$0" topic create my-topic &&
		NOTIFER_TOPIC_TOKEN=$("$0" token create my-topic first --permissions publish,subscribe) "$0" publish my-topic hello`
	if commands := 1 + strings.Count(script, "&&") + 1; commands > 4 {
		t.Fatalf("%d commands, want at most 4", commands)
	}
	cmd := exec.Command("sh", "-c", script, run.Binary(t))
	cmd.Env, cmd.Dir = env, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	login := strings.NewReader(`{"email":"ann@home.example","password":"correct horse battery"}`)
	res, err := http.Post("http://"+address+"/auth/login", "application/json", login)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	_, page := call(t, "GET", "http://"+address+"/topic/my-topic", "", "Accept: text/html", "Authorization: Bearer "+object(t, string(text))["access_token"].(string))
	if !strings.Contains(page, "hello") {
		t.Errorf("the topic's page does not show the message:\n%.2000s", page)
	}
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("took %s, want at most 2 minutes", took)
	}
}
