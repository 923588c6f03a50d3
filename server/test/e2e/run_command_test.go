package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"notifer/server/test/run"
)

// last is the newest message of the desk's topic, and how many there are.
func (d desk) last(t *testing.T) (m map[string]any, n int) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(d.ok(t, "", "subscribe", "my-topic", "--poll", "--since", "all", "--json")), "\n")
	if lines[0] == "" {
		return nil, 0
	}
	return object(t, lines[len(lines)-1]), len(lines)
}

// A command that fails is reported whatever it printed, and its exit code is kept.
func TestRunReportsFailures(t *testing.T) {
	d := newDesk(t)
	for i, row := range []struct{ script, want string }{
		{`exit 3`, "exit status 3"},
		{`printf ' \n\n'; exit 4`, "exit status 4"},
		{`head -c 1000000 /dev/zero | tr '\0' x; echo the end; exit 5`, "xxxthe end"},
		{`head -c 100000 /dev/urandom; echo; echo the end; exit 6`, "the end"},
		{`printf '\377\376 broken \000 text'; exit 7`, "broken"},
		{`printf -- '--- a/file not found'; exit 8`, "--- a/file not found"},
		{`printf 'say "no" \\ '"'now'"'\r\nsecond line\n' >&2; exit 9`, "say \"no\" \\ 'now'\nsecond line"},
		{`printf '\033[31mred\033[0m'; exit 10`, "red"},
		{`for i in $(seq 20000); do printf ü; done; exit 11`, "…\nü"},
	} {
		code := 3 + i
		r := d.run(t, "", "run", "my-topic", "--", "sh", "-c", row.script)
		if r.Code != code || r.Stdout != "" {
			t.Errorf("%.60q: exit code %d, output %.60q, want %d and none", row.script, r.Code, r.Stdout, code)
		}
		m, n := d.last(t)
		text := fmt.Sprint(m["message"])
		if n != i+1 || !strings.Contains(text, row.want) || !utf8.ValidString(text) || len(text) > 64<<10 {
			t.Errorf("%.60q: %d messages, the last %.80q (%d bytes), want %q", row.script, n, text, len(text), row.want)
		}
		if title := fmt.Sprint(m["title"]); !strings.HasPrefix(title, "failed: sh -c ") || fmt.Sprint(m["priority"]) != "4" {
			t.Errorf("title %q, priority %v", title, m["priority"])
		}
	}
}

// A shell with set -x prints the token of a script; the server refuses a message that holds one.
func TestRunMasksSecrets(t *testing.T) {
	d := newDesk(t)
	_, token, _ := strings.Cut(d.env[1], "=")
	r := d.run(t, "", "run", "my-topic", "--priority", "critical", "--", "sh", "-c", "echo X-Topic-Token: "+token+"; exit 3")
	m, n := d.last(t)
	hint := token[:7] + "…" + token[len(token)-4:]
	if r.Code != 3 || n != 1 || m["message"] != "X-Topic-Token: "+hint || !strings.Contains(fmt.Sprint(m["title"]), hint) || fmt.Sprint(m["priority"]) != "4" {
		t.Errorf("exit code %d, %d messages, the last %v\n%s", r.Code, n, m, r.Stderr)
	}
	if !strings.Contains(r.Stderr, `priority "critical" is not a priority`) {
		t.Errorf("no word of the priority: %s", r.Stderr)
	}
}

func TestRunSaysWhyNothingRan(t *testing.T) {
	d := newDesk(t)
	for command, want := range map[string]string{"/no/such/file": "/no/such/file: no such file or directory", "no-such-program": "no-such-program: executable file not found in $PATH"} {
		r := d.run(t, "", "run", "my-topic", "--", command)
		if m, _ := d.last(t); r.Code != 127 || m["message"] != want || m["title"] != "failed: "+command {
			t.Errorf("%s: exit code %d, %v, want %q", command, r.Code, m, want)
		}
	}
}

func TestRunIsSilentOnSuccess(t *testing.T) {
	d := newDesk(t)
	if r := d.run(t, "", "run", "my-topic", "--", "echo", "fine"); r.Code != 0 || r.Stdout+r.Stderr != "" {
		t.Errorf("exit code %d, printed %q %q", r.Code, r.Stdout, r.Stderr)
	}
	if _, n := d.last(t); n != 0 {
		t.Errorf("%d messages of a success", n)
	}
	r := d.run(t, "", "run", "my-topic", "--always", "--title", "nightly\nbackup", "--tags", "cron", "--", "echo", "fine")
	m, _ := d.last(t)
	if r.Code != 0 || r.Stdout != "" || fmt.Sprintf("%v %v %v %v", m["message"], m["title"], m["priority"], m["tags"]) != "fine nightly backup 3 [cron]" {
		t.Errorf("--always: exit code %d, %q, sent %v", r.Code, r.Stdout, m)
	}
	if r := d.run(t, "typed", "run", "my-topic", "--tee", "--", "sh", "-c", "cat; echo more >&2"); r.Stdout != "typed" || r.Stderr != "more\n" {
		t.Errorf("--tee printed %q and %q", r.Stdout, r.Stderr)
	}
}

func TestRunKeepsTheExitCode(t *testing.T) {
	d := newDesk(t)
	for command, want := range map[string]int{"/nowhere/backup": 127, "no-such-command": 127, "/etc/passwd": 126} {
		if r := d.run(t, "", "run", "my-topic", "--", command); r.Code != want || !strings.Contains(r.Stderr, command) {
			t.Errorf("%s: exit code %d, %q, want %d", command, r.Code, r.Stderr, want)
		}
	}
	if r := d.run(t, "", "run", "my-topic", "--", "sh", "-c", "kill -9 $$"); r.Code != 137 {
		t.Errorf("a killed command: exit code %d, want 137", r.Code)
	}
	if m, n := d.last(t); n != 4 || m["message"] != "ended by signal killed" {
		t.Errorf("%d messages, the last %v", n, m["message"])
	}
	gone := append(d.env, "NOTIFER_URL=http://127.0.0.1:1")
	r := run.Command(t, gone, "", "run", "my-topic", "--retry", "0", "--", "sh", "-c", "echo why; exit 5")
	if r.Code != 5 || !strings.Contains(r.Stderr, "why\n") || !strings.Contains(r.Stderr, "the message was not sent: no answer") {
		t.Errorf("without a server: exit code %d, %q", r.Code, r.Stderr)
	}
	for _, args := range [][]string{{"run"}, {"run", "my-topic"}, {"run", "my-topic", "ls"}, {"run", "my-topic", "--"}, {"run", "--", "ls"}, {"run", "a-topic", "b-topic", "--", "ls"}} {
		if r := d.run(t, "", args...); r.Code != 2 || !strings.Contains(r.Stderr, "Try: notifer run TOPIC -- COMMAND") {
			t.Errorf("notifer %q: exit code %d, %q", args, r.Code, r.Stderr)
		}
	}
}

// A message goes out when the reader of the output has left, and when the terminal goes away.
func TestRunOutlivesItsReader(t *testing.T) {
	d := newDesk(t)
	for name, args := range map[string][]string{"the end": nil, "all of it": {"--tee"}} {
		args = append(append([]string{"run", "my-topic", "--title", name}, args...), "--", "sh", "-c", "yes | head -c 300000; echo last; exit 4")
		cmd := exec.Command(run.Binary(t), args...)
		cmd.Env = append(os.Environ(), d.env...)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd.Stdout, cmd.Stderr = w, w
		err = cmd.Run()
		w.Close()
		if m, _ := d.last(t); cmd.ProcessState.ExitCode() != 4 || m["title"] != name || !strings.HasSuffix(fmt.Sprint(m["message"]), "\nlast") {
			t.Errorf("%s: %v, %.100q", name, err, m)
		}
	}
	begun := filepath.Join(t.TempDir(), "begun")
	cmd := exec.Command(run.Binary(t), "run", "my-topic", "--", "sh", "-c", "echo >"+begun+"; exec sleep 60")
	cmd.Env = append(os.Environ(), d.env...)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // else the program inherits from nohup that it ignores them
	defer signal.Stop(hangups)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	run.Until(t, "the command", func() bool {
		_, err := os.Stat(begun)
		return err == nil
	})
	cmd.Process.Signal(syscall.SIGHUP)
	cmd.Wait()
	if m, n := d.last(t); n != 3 || m["message"] != "ended by signal terminated" || cmd.ProcessState.ExitCode() != 143 {
		t.Errorf("a hangup: %v, %d messages, the last %v", cmd.ProcessState, n, m)
	}
}

// A command that is asked to end has the time that it needs for that, and its own exit code stays.
func TestRunWaitsForACommandToEnd(t *testing.T) {
	d := newDesk(t)
	begun := filepath.Join(t.TempDir(), "begun")
	cmd := exec.Command(run.Binary(t), "run", "my-topic", "--", "sh", "-c", "trap 'sleep 4; echo cleaned up; exit 3' TERM; echo >"+begun+"; sleep 60 & wait")
	cmd.Env = append(os.Environ(), d.env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	run.Until(t, "the command", func() bool {
		_, err := os.Stat(begun)
		return err == nil
	})
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if m, n := d.last(t); n != 1 || m["message"] != "cleaned up" || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("%v, %d messages, the last %v; want exit status 3 and its output", cmd.ProcessState, n, m)
	}
}

// A server that takes only small messages gets the end of a large output.
func TestRunFitsItsTextToTheServer(t *testing.T) {
	s := run.Start(t, run.Args("--limits-message-bytes", "1000"))
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	_, token := s.AddToken(t, jwt, "my-topic", "script", "publish", "subscribe")
	d := desk{s, []string{"NOTIFER_URL=" + s.URL, "NOTIFER_TOPIC_TOKEN=" + token}}
	d.run(t, "", "run", "my-topic", "--", "sh", "-c", "seq 10000; exit 1")
	d.run(t, "", "run", "my-topic", "--tags", "disk full,höhe", "--", "sh", "-c", "seq 10000; exit 1")
	if m, n := d.last(t); n != 2 || !strings.HasSuffix(fmt.Sprint(m["message"]), "\n9999\n10000") {
		t.Errorf("%d messages: %v", n, m)
	}
}

// A child that outlives the command, as a script that starts a service leaves one, is not waited for.
func TestRunDoesNotWaitForWhatStaysBehind(t *testing.T) {
	d := newDesk(t)
	began := time.Now()
	if r := d.run(t, "", "run", "my-topic", "--", "sh", "-c", "sleep 60 & exit 0"); r.Code != 0 || time.Since(began) > 30*time.Second {
		t.Errorf("exit code %d after %s", r.Code, time.Since(began))
	}
}
