package e2e_test

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/run"
)

// demoServer is a running `serve --demo` with a temporary directory of its own.
type demoServer struct {
	*run.Server
	temp, said string
	log        string // name of the file that holds what it logged
	cmd        *exec.Cmd
}

// startDemo starts one in a working directory and returns once it has said everything.
func startDemo(t *testing.T, work string) *demoServer {
	t.Helper()
	addr := run.FreeAddr(t)
	d := &demoServer{Server: &run.Server{URL: "http://" + addr, Addr: addr}, temp: t.TempDir()}
	d.cmd = exec.Command(run.Binary(t), "serve", "--demo", "--listen", addr)
	d.cmd.Dir, d.cmd.Env = work, append(os.Environ(), "TMPDIR="+d.temp, "NOTIFER_DATA_DIR="+work+"/data")
	d.log = filepath.Join(t.TempDir(), "log")
	log, err := os.Create(d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	d.cmd.Stderr = log
	out, err := d.cmd.StdoutPipe()
	if err == nil {
		err = d.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.cmd.Process.Kill() })
	for lines := bufio.NewScanner(out); !strings.Contains(d.said, "when it stops.") && lines.Scan(); {
		d.said += lines.Text() + "\n"
	}
	run.AwaitHealthy(t, addr)
	return d
}

// found is the one group that a pattern finds in what the demo said.
func (d *demoServer) found(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(d.said)
	if m == nil {
		t.Fatalf("nothing like %q in:\n%s", pattern, d.said)
	}
	return m[1]
}

// signIn signs in with the printed password.
func (d *demoServer) signIn(t *testing.T) (jwt string) {
	t.Helper()
	var login struct {
		AccessToken string `json:"access_token"`
		User        struct {
			IsAdmin bool `json:"is_admin"`
		}
	}
	body := map[string]string{"email": "demo", "password": d.found(t, `as demo with the password (\S+)`)}
	if code := d.JSON(t, "POST", "/auth/login", "", body, &login); code != 200 || !login.User.IsAdmin {
		t.Fatalf("the printed password: %d, %+v", code, login)
	}
	return login.AccessToken
}

func names(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range list {
		all = append(all, f.Name())
	}
	return strings.Join(all, " ")
}

// However it is stopped, and be it by the end of its terminal, a demo leaves nothing; what lies where it was started is
// neither read nor touched.
func TestDemoLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		work := t.TempDir()
		write(t, filepath.Join(work, "notifer.toml"), []byte("data_dir = \"data\"\n[backup]\ndir = \"copies\"\n[metrics]\nlisten = \"0.0.0.0:1\"\n"))
		write(t, filepath.Join(work, "data", "notifer.db"), []byte("precious"))
		d := startDemo(t, work)
		info, err := os.Stat(filepath.Join(d.temp, names(t, d.temp)))
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
			t.Errorf("the demo's directory: %v, %v", info, err)
		}
		if err := d.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := d.cmd.Wait(); err != nil {
			t.Errorf("after %v: %v", sig, err)
		}
		if left := names(t, d.temp); left != "" {
			t.Errorf("%v leaves %s", sig, left)
		}
		text, err := os.ReadFile(filepath.Join(work, "data", "notifer.db"))
		if string(text) != "precious" || names(t, work) != "data notifer.toml" || names(t, work+"/data") != "notifer.db" {
			t.Errorf("the real store: %q, %v, beside %s", text, err, names(t, work))
		}
	}
}

func TestDemoHasSomethingToShow(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	jwt := d.signIn(t)
	var topics []struct {
		Name        string `json:"name"`
		AccessLevel string `json:"access_level"`
	}
	if code := d.JSON(t, "GET", "/api/topics/my", jwt, nil, &topics); code != 200 || len(topics) < 4 {
		t.Fatalf("topics: %d, %v", code, topics)
	}
	levels, priorities, days, markdown, total := map[string]bool{}, map[int]bool{}, map[string]bool{}, 0, 0
	for _, topic := range topics {
		levels[topic.AccessLevel] = true
		var list []struct {
			message
			Markdown bool
		}
		if code := d.JSON(t, "GET", "/"+topic.Name+"/json?limit=100", jwt, nil, &list); code != 200 || len(list) == 0 {
			t.Errorf("messages of %s: %d, %v", topic.Name, code, list)
		}
		for _, m := range list {
			priorities[m.Priority], days[m.Timestamp[:10]] = true, true
			if m.Markdown {
				markdown++
			}
			total++
		}
	}
	if len(levels) != 3 || len(priorities) != 5 || len(days) < 3 || markdown == 0 || total < 12 {
		t.Errorf("%v, priorities %v, days %v, %d of %d messages in Markdown", levels, priorities, days, markdown, total)
	}
	res, page := call(t, "GET", d.URL+"/topic/server-alerts", "", "Accept: text/html")
	if res.StatusCode != http.StatusOK || !strings.Contains(page, "<strong>3 packages</strong>") {
		t.Errorf("the page of server-alerts = %d:\n%s", res.StatusCode, page)
	}
}

// The printed link signs in by one click; another code does not.
func TestDemoLinkSignsIn(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	link := d.found(t, `(http\S+/login/demo/\S+)`)
	get := func(url string) *http.Response {
		t.Helper()
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	if res := get(link); res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
		t.Errorf("the link = %d with %d cookies, want a redirect with the session's", res.StatusCode, len(res.Cookies()))
	}
	if res := get(link + "x"); res.StatusCode != http.StatusNotFound || len(res.Cookies()) != 0 {
		t.Errorf("a wrong code = %d with %d cookies, want 404 and none", res.StatusCode, len(res.Cookies()))
	}
}

// Tokens are shown in every state, and a sensor goes on publishing.
func TestDemoLives(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	jwt := d.signIn(t)
	states := map[string]bool{}
	for _, topic := range []string{"doorbell", "backups", "home"} {
		var tokens []struct{ Status string }
		if code := d.JSON(t, "GET", "/api/topics/"+topic+"/access-tokens", jwt, nil, &tokens); code != 200 {
			t.Fatalf("tokens of %s: %d", topic, code)
		}
		for _, token := range tokens {
			states[token.Status] = true
		}
	}
	for _, want := range []string{"active", "unused", "idle", "rotating", "leaked", "revoked"} {
		if !states[want] {
			t.Errorf("no token is %s: %v", want, states)
		}
	}
	// The first reading may be published before or after this stream opens: it replays the last minute.
	req, err := http.NewRequestWithContext(t.Context(), "GET", d.URL+"/home/sse?since=1m", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+jwt)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && !strings.Contains(lines.Text(), "humidity") {
	}
	if !strings.Contains(lines.Text(), "humidity") {
		t.Errorf("the sensor published nothing: %v", lines.Err())
	}
	// The scripts that are refused on purpose came before the sensor. They are not reported at the terminal, where only what concerns the
	// machine, such as a clock that jumps, may stand.
	text, err := os.ReadFile(d.log)
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`.*(access_denied|auth_failed|another site|panic).*`).Find(text); found != nil {
		t.Errorf("the demo logged %q", found)
	}
}

// The printed lines work as they stand.
func TestDemoLinesWork(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	d := startDemo(t, t.TempDir())
	reader := exec.CommandContext(t.Context(), "bash", "-c", "exec "+d.found(t, `Subscribe: (curl .*)`))
	out, err := reader.StdoutPipe()
	if err == nil {
		err = reader.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stream := bufio.NewReader(out)
	if line, err := stream.ReadString('\n'); err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	if text, err := exec.CommandContext(t.Context(), "bash", "-c", d.found(t, `Publish: +(curl .*)`)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for line := ""; !strings.Contains(line, "Someone is at the door"); {
		if line, err = stream.ReadString('\n'); err != nil {
			t.Fatalf("the subscriber got %q, %v", line, err)
		}
	}
	reader.Process.Kill()
	reader.Wait()
	jwt := d.signIn(t)
	if n := count(t, d.Server, jwt, "doorbell"); n < 2 {
		t.Errorf("doorbell has %d messages", n)
	}
}

// A demo answers on both loopback addresses and on no other of the machine.
func TestDemoIsForThisMachine(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	_, port, _ := strings.Cut(d.Addr, ":")
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip := a.(*net.IPNet).IP
		if ip.IsLinkLocalUnicast() {
			continue
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.String(), port), time.Second)
		if (err == nil) != ip.IsLoopback() {
			t.Errorf("%s: %v", ip, err)
		}
		if err == nil {
			conn.Close()
		}
	}
	work := t.TempDir()
	for _, args := range [][]string{
		{"--listen", ":8080"}, {"--listen", "0.0.0.0:8080"}, {"--listen", "[::]:8080"}, {"--listen", "192.0.2.1:8080"},
		{"--listen", "127.0.0.1:0,192.0.2.1:8080"}, {"--listen", "home.example:80"}, {"--listen", "unix:" + work + "/socket"},
	} {
		refuse(t, nil, "is not a loopback address", args...)
	}
	refuse(t, []string{"NOTIFER_LISTEN=:8080"}, "is not a loopback address")
	refuse(t, []string{"LISTEN_FDS=1"}, "takes no sockets from systemd")
	refuse(t, nil, "--demo takes no --data-dir: it uses the default settings and a directory of its own", "--data-dir", work)
	refuse(t, nil, "--demo takes no --config", "--config", filepath.Join(work, "notifer.toml"))
	refuse(t, nil, "--demo takes no --metrics-listen", "--metrics-listen", ":9090")
	refuse(t, nil, taken+"\nTry: --listen 127.0.0.1:8081", "--listen", d.Addr)
	if left := names(t, work); left != "" {
		t.Errorf("%s was made", left)
	}
}

const taken = "is taken by another program"

// refuse expects that a demo does not start, and says why and what to type.
func refuse(t *testing.T, env []string, want string, args ...string) {
	t.Helper()
	temp := t.TempDir()
	r := run.Command(t, append(env, "TMPDIR="+temp), "", append([]string{"serve", "--demo"}, args...)...)
	code := 78
	if strings.HasPrefix(want, taken) {
		code = 1
	}
	if r.Code != code || !strings.Contains(r.Stderr, want) || !strings.Contains(r.Stderr, "Try: ") {
		t.Errorf("%v %v = %d, want %d: %s", env, args, r.Code, code, r.Stderr)
	}
	if left := names(t, temp); left != "" {
		t.Errorf("%v %v leaves %s", env, args, left)
	}
}
