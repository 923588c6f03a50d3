package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"notifer/server/test/run"
)

// readme is the README's commands: the lines of each fenced block marked sh, in order.
func readmeBlocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, found := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// The first block starts the server, the second a demo, the third is the first token and the first message, the fourth builds the
// release and the fifth is the tests. They run as they stand, in a fresh copy of the tracked files; only the address differs, since
// port 8080 may be taken here.
func TestReadme(t *testing.T) {
	t.Parallel()
	need(t, "curl")
	need(t, "bash")
	blocks := readmeBlocks(t)
	if len(blocks) != 5 {
		t.Fatalf("the README has %d blocks of commands, want 5, each run by a test", len(blocks))
	}
	dir := checkout(t)
	t.Run("demo", func(t *testing.T) { readmeDemo(t, dir, blocks[1]) })
	t.Run("first message", func(t *testing.T) { readmeFirstMessage(t, dir, blocks[0], blocks[2]) })
	t.Run("install", func(t *testing.T) { readmeInstall(t, dir, blocks[3]) })
}

// quickly finds in the build cache what run.Plain has left there: without paths in it, the code of a copy is the same.
func quickly() []string { return append(os.Environ(), "GOFLAGS=-trimpath", "CGO_ENABLED=0") }

func readmeFirstMessage(t *testing.T, dir, start, send string) {
	addr := run.FreeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	env := append(quickly(), "NOTIFER_LISTEN="+addr)
	serve(t, dir, env, strings.TrimSpace(start), addr)
	here := strings.NewReplacer("localhost:8080", "localhost:"+port)
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", here.Replace(send))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errs.String())
	}
	for _, want := range []string{`"message":"It works"`, `"title":"First message"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the README's commands printed %s, want %s in it", out.String(), want)
		}
	}
}

// The demo of the second block listens at the address of the environment too.
func readmeDemo(t *testing.T, dir, start string) {
	addr := run.FreeAddr(t)
	serve(t, dir, append(quickly(), "NOTIFER_LISTEN="+addr), strings.TrimSpace(start), addr)
	if res, text := call(t, "GET", "http://"+addr+"/garden/json", ""); res.StatusCode != 200 || !strings.Contains(text, "lemon tree") {
		t.Errorf("the demo's garden = %d %s", res.StatusCode, text)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("a demo keeps data")
	}
}

// The fourth block builds the release and prints the files of a service.
func readmeInstall(t *testing.T, dir, install string) {
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", install)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range map[string]string{"notifer.service": "ExecStart=/usr/local/bin/notifer serve", "compose.yaml": "image: notifer",
		"Caddyfile": "\nnotify.example.org {"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q (%v):\n%s", name, want, err, text)
		}
	}
}

// The README names the command that .ci/run runs.
func TestReadmeTestCommand(t *testing.T) {
	t.Parallel()
	command := strings.TrimSpace(readmeBlocks(t)[4])
	ci, err := os.ReadFile(filepath.Join(run.Root(t), ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(command, "go test ") || !strings.Contains(string(ci), "\n\t"+command+"\n") {
		t.Errorf(".ci/run does not run the README's %q", command)
	}
}

// serve runs the README's command in dir, in a process group of its own since `go run` has a child, until the test ends.
func serve(t *testing.T, dir string, env []string, command, addr string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", os.DevNull, ".")
	build.Dir, build.Env = dir, env
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command("bash", "-c", command)
	var log bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", command, log.String())
		}
	})
	run.AwaitHealthy(t, addr)
}

// checkout copies the tracked files into a fresh directory, as a clone has them, programs among them.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range tracked(t) {
		from, to := filepath.Join(run.Root(t), path), filepath.Join(dir, path)
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, text)
		if info, err := os.Stat(from); err != nil || os.Chmod(to, info.Mode()) != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return dir
}
