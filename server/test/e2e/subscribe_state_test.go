package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"notifer/server/test/run"
)

// start runs a command beside the test and ends it with it.
func (d desk) start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(run.Binary(t), args...)
	cmd.Env = append(os.Environ(), d.env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

func contents(path string) string {
	text, _ := os.ReadFile(path) // as good as empty
	return string(text)
}

// A subscriber that ends before its first message gets at its next start what has come meanwhile.
func TestSubscribeCommandRemembersWhereItBegan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	state := filepath.Join(t.TempDir(), "last")
	d.ok(t, "", "publish", "my-topic", "before")
	first := d.start(t, "subscribe", "my-topic", "--state", state)
	run.Until(t, "the place is remembered", func() bool { return contents(state) != "" })
	first.Process.Kill()
	first.Wait()
	d.ok(t, "", "publish", "my-topic", "between")
	out := d.ok(t, "", "subscribe", "my-topic", "--state", state, "--count", "1", "--exec", `echo "$NOTIFER_MESSAGE"`)
	if strings.TrimSpace(out) != "between" {
		t.Errorf("the second start got %q, want what came between", out)
	}
}

// TestSubscribeCommandTriesAgain: with --retry, a message whose command failed is not taken for handled.
func TestSubscribeCommandTriesAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	dir := t.TempDir()
	state, broken := filepath.Join(dir, "last"), filepath.Join(dir, "broken")
	for _, text := range []string{"one", "two"} {
		d.ok(t, "", "publish", "my-topic", text)
	}
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	command := []string{"subscribe", "my-topic", "--retry", "--state", state, "--exec", `[ ! -e "` + broken + `" ] && echo "$NOTIFER_MESSAGE"`}
	for range 2 {
		if r := d.run(t, "", append(command, "--poll")...); r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "the command for message") || contents(state) != "" {
			t.Errorf("while the command fails: exit code %d, %q, %q, remembered %q", r.Code, r.Stdout, r.Stderr, contents(state))
		}
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	if out := d.ok(t, "", append(command, "--poll")...); out != "one\ntwo\n" {
		t.Errorf("once it works: %q, want both", out)
	}
	d.ok(t, "", "publish", "my-topic", "three")
	again := `[ -e "` + broken + `" ] && echo "$NOTIFER_MESSAGE" || { touch "` + broken + `"; false; }`
	r := d.run(t, "", "subscribe", "my-topic", "--retry", "--state", state, "--count", "1", "--exec", again)
	if r.Code != 0 || r.Stdout != "three\n" || !strings.Contains(r.Stderr, "again in 1s") {
		t.Errorf("without --poll: exit code %d, %q, %q", r.Code, r.Stdout, r.Stderr)
	}
	if r := d.run(t, "", "subscribe", "my-topic", "--retry"); r.Code != 2 {
		t.Errorf("without --exec: exit code %d", r.Code)
	}
}

// A place that cannot be remembered is told before a command has run for a message: each start would run it again.
func TestSubscribeCommandNeedsItsStateFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ok(t, "", "publish", "my-topic", "x")
	r := d.run(t, "", "subscribe", "my-topic", "--since", "all", "--state", filepath.Join(t.TempDir(), "missing", "last"), "--exec", "echo ran")
	if r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "no such file") {
		t.Errorf("exit code %d, %q, %q; want 1 before the command ran", r.Code, r.Stdout, r.Stderr)
	}
	damaged := filepath.Join(t.TempDir(), "last")
	if err := os.WriteFile(damaged, []byte("10m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"--poll", "--count=1"} {
		r = d.run(t, "", "subscribe", "my-topic", how, "--state", damaged, "--exec", "echo ran")
		if r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "does not contain a message id") || contents(damaged) != "10m\n" {
			t.Errorf("a damaged state file with %s: exit code %d, %q, %q", how, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// Two runs on one state file do not both handle a message: the second is refused while the first has it.
func TestSubscribeCommandHasItsStateFileForItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	dir := t.TempDir()
	state, runs, gate := filepath.Join(dir, "last"), filepath.Join(dir, "runs"), filepath.Join(dir, "gate")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSpace(d.ok(t, "", "publish", "my-topic", "x"))
	poll := []string{"subscribe", "my-topic", "--poll", "--state", state, "--exec", "echo run >>" + runs + "; read line <" + gate}
	first := d.start(t, poll...)
	run.Until(t, "the first run has the message", func() bool { return contents(runs) == "run\n" })
	open, err := os.OpenFile(gate, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if r := d.run(t, "", "subscribe", "my-topic", "--poll", "--state", state, "--exec", "echo again"); r.Code != 1 || r.Stdout != "" {
		t.Errorf("the second run: exit code %d, %q, want 1 and nothing run", r.Code, r.Stdout)
	}
	open.WriteString("go\n")
	if err := first.Wait(); err != nil || contents(state) != id+"\n" {
		t.Errorf("the first run ended with %v and remembers %q, want %s", err, contents(state), id)
	}
}
