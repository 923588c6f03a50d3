package run

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is one running `notifer serve` over its own data directory.
type Server struct {
	URL  string // http://127.0.0.1:PORT
	Addr string // 127.0.0.1:PORT
	Dir  string // the data directory

	env  []string
	args []string
	cmd  *exec.Cmd
	log  *output
	gone chan struct{} // closed when the process has been waited for
}

// Option changes how a server is started.
type Option func(*Server)

// Args adds flags to `serve`.
func Args(args ...string) Option { return func(s *Server) { s.args = append(s.args, args...) } }

// Env adds variables, each NAME=value, to the server's environment.
func Env(env ...string) Option { return func(s *Server) { s.env = append(s.env, env...) } }

// Start runs `serve` on a free loopback port and returns once /healthz answers 200. The test's end stops it.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{Dir: t.TempDir() + "/data"}
	for _, o := range options {
		o(s)
	}
	s.Addr = FreeAddr(t)
	s.URL = "http://" + s.Addr + Prefix()
	if Prefix() != "" {
		s.args = append([]string{"--base-url", s.URL}, s.args...)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("server log:\n%s", s.Log())
		}
	})
	s.Restart(t)
	return s
}

// Prefix is the sub-path under which the whole suite runs, as NOTIFER_TEST_PREFIX says; usually none.
func Prefix() string { return os.Getenv("NOTIFER_TEST_PREFIX") }

// Restart starts the process again on the same address and directory, after Stop or Kill.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	args := append([]string{"serve", "--listen", s.Addr, "--data-dir", s.Dir}, s.args...)
	s.cmd = exec.Command(Binary(t), args...)
	s.cmd.Env = append(os.Environ(), s.env...)
	if s.log == nil {
		s.log = &output{}
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	s.gone = gone
	go func(cmd *exec.Cmd) { cmd.Wait(); close(gone) }(s.cmd)
	s.awaitHealth(t)
}

func (s *Server) awaitHealth(t testing.TB) {
	t.Helper()
	Until(t, "server healthy", func() bool {
		select {
		case <-s.gone:
			t.Fatalf("serve ended: %v\n%s", s.cmd.ProcessState, s.Log())
		default:
		}
		return healthy(s.Addr)
	})
}

// Await returns once /healthz at addr answers 200.
func Await(t testing.TB, addr string) {
	t.Helper()
	Until(t, "server healthy", func() bool { return healthy(addr) })
}

func healthy(addr string) bool {
	res, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Stop sends SIGTERM, waits and returns the exit code.
func (s *Server) Stop(t testing.TB) int {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.gone:
	case <-time.After(20 * time.Second):
		t.Fatal("serve did not end within 20 s of SIGTERM")
	}
	return s.cmd.ProcessState.ExitCode()
}

// Kill ends the process as kill -9 does and waits; it does nothing when it has ended.
func (s *Server) Kill() {
	if s.gone == nil {
		return
	}
	s.cmd.Process.Kill()
	<-s.gone
}

// Pid is the process's id.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Log is what the server has written to its standard output and error.
func (s *Server) Log() string { return s.log.String() }

// FreeAddr returns a loopback address nobody listens on.
func FreeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Until asks claim every few milliseconds until it is true, and fails the test after 15 s.
func Until(t testing.TB, what string, claim func() bool) {
	t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !claim() {
		select {
		case <-deadline:
			t.Fatalf("not within 15 s: %s", what)
		case <-tick.C:
		}
	}
}

// output collects what a process writes; the process and the test use it at once.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
