package reliability

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a harness waits for an event that must come; it is generous because the machine may be busy.
const patience = 60 * time.Second

var listening = regexp.MustCompile(`(?:https?://)(127\.0\.0\.1:[1-9][0-9]*)`)

// Process is one running notifer serve.
type Process struct {
	Addr string // host:port it listens on
	PID  int

	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended

	mu  sync.Mutex
	log strings.Builder
}

// Serve starts the binary on a free port over dir and returns once it says where it listens. The process is killed at the end of the test.
func Serve(t testing.TB, bin, dir string, args ...string) *Process {
	t.Helper()
	return ServeEnv(t, bin, dir, nil, args...)
}

// ServeEnv is Serve with variables added to the environment.
func ServeEnv(t testing.TB, bin, dir string, env []string, args ...string) *Process {
	t.Helper()
	p := Launch(t, bin, dir, env, args...)
	if err := p.awaitAddr(); err != nil {
		t.Fatalf("notifer serve: %v\n%s", err, p.Log())
	}
	return p
}

// Launch starts the binary and returns at once, for servers that may refuse to start or be killed while starting.
func Launch(t testing.TB, bin, dir string, env []string, args ...string) *Process {
	t.Helper()
	p := &Process{done: make(chan struct{})}
	p.cmd = exec.Command(bin, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, args...)...)
	p.cmd.Env = append(os.Environ(), env...)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	p.PID = p.cmd.Process.Pid
	go p.follow(read)
	t.Cleanup(func() { p.Kill() })
	return p
}

// follow collects the output until the process ends, then reaps it.
func (p *Process) follow(out io.ReadCloser) {
	defer close(p.done)
	defer out.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.mu.Lock()
		p.log.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
	}
	p.cmd.Wait()
}

// Log is the output so far.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// FindAddr looks for the address in the output and reports whether the server listens.
func (p *Process) FindAddr() bool {
	found := listening.FindStringSubmatch(p.Log())
	if found != nil {
		p.Addr = found[1]
	}
	return found != nil
}

func (p *Process) awaitAddr() error {
	if err := Await(patience, func() bool { return p.FindAddr() || p.Ended() }); err != nil {
		return err
	}
	if p.Addr == "" {
		return errors.New("it ended before it listened")
	}
	return nil
}

// URL is the address of a path on the server.
func (p *Process) URL(path string) string { return "http://" + p.Addr + path }

// Ended says whether the process is gone.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Kill ends the process as a crash does and waits until it is gone.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// Signal sends s.
func (p *Process) Signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// Wait returns the exit code, or an error when the process lives longer than d.
func (p *Process) Wait(d time.Duration) (int, error) {
	select {
	case <-p.done:
	case <-time.After(d):
	}
	if !p.Ended() {
		return 0, errors.New("still running after " + d.String())
	}
	return p.cmd.ProcessState.ExitCode(), nil
}

// Stop asks the process to end and returns its exit code and how long it took.
func (p *Process) Stop(t testing.TB) (int, time.Duration) {
	t.Helper()
	start := time.Now()
	p.Signal(syscall.SIGTERM)
	code, err := p.Wait(patience)
	if err != nil {
		t.Fatalf("notifer serve after SIGTERM: %v\n%s", err, p.Log())
	}
	return code, time.Since(start)
}

// Run runs one notifer command to its end and returns its output and exit code.
func Run(t testing.TB, bin string, args ...string) (string, int) {
	t.Helper()
	out, err := exec.Command(bin, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return string(out), exit.ExitCode()
	}
	return string(out), 0
}

// AddUser makes an admin with the command line, which works with and without a running server.
func AddUser(t testing.TB, bin, dir, name string) (email, password string) {
	t.Helper()
	email, password = name+"@example.org", "correct horse "+name
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := Run(t, bin, "user", "add", email, "--username", name, "--password-file", file, "--admin", "--data-dir", dir)
	if code != 0 {
		t.Fatalf("notifer user add: exit %d\n%s", code, out)
	}
	return email, password
}

// Await polls until ok or the time is over.
func Await(d time.Duration, ok func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(d)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			return errors.New("nothing happened within " + d.String())
		}
	}
	return nil
}
