package run

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is one `notifer serve` over its own data directory: a process that may be stopped, killed and started again.
type Server struct {
	URL  string // http://127.0.0.1:PORT
	Addr string // 127.0.0.1:PORT
	Dir  string // the data directory

	Bin  string   // the program
	Args []string // flags of serve beside those for the address and the directory
	Env  []string // additions to the environment, each NAME=value

	scheme string
	out    *os.File // where its output goes instead of the log
	cmd    *exec.Cmd
	log    *Log
	gone   chan struct{} // closed when the process has been waited for
}

// Option changes how a server is started.
type Option func(*Server)

// Args adds flags to `serve`.
func Args(args ...string) Option { return func(s *Server) { s.Args = append(s.Args, args...) } }

// Env adds variables, each NAME=value, to the server's environment.
func Env(env ...string) Option { return func(s *Server) { s.Env = append(s.Env, env...) } }

// In serves this data directory.
func In(dir string) Option { return func(s *Server) { s.Dir = dir } }

// Using starts this program instead of the plain build.
func Using(bin string) Option { return func(s *Server) { s.Bin = bin } }

// TLS serves this certificate.
func TLS(cert, key string) Option {
	return func(s *Server) {
		s.scheme = "https"
		Args("--tls-cert", cert, "--tls-key", key)(s)
	}
}

// Output sends what the server prints to a file instead of its log.
func Output(file *os.File) Option { return func(s *Server) { s.out = file } }

// New chooses a free loopback address and a data directory and starts nothing. The test's end kills what was started later.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{scheme: "http", log: &Log{}}
	for _, o := range options {
		o(s)
	}
	if s.Dir == "" {
		s.Dir = t.TempDir() + "/data"
	}
	if s.Bin == "" {
		s.Bin = Binary(t)
	}
	s.settle(t)
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("server log:\n%s", s.Log())
		}
	})
	return s
}

// settle chooses an address.
func (s *Server) settle(t testing.TB) {
	t.Helper()
	s.Addr = FreeAddr(t)
	s.URL = s.scheme + "://" + s.Addr + Prefix()
}

// Start runs `serve` on a free loopback port and returns once /healthz answers 200. The test's end kills it.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := New(t, options...)
	for attempt := 0; ; attempt++ {
		s.Launch(t)
		err := s.await()
		if err == nil {
			return s
		}
		if attempt == 3 || !strings.Contains(s.Log(), "is taken by another program") {
			t.Fatal(err)
		}
		s.settle(t)
	}
}

// Launch starts a server and returns at once, for those that may refuse to start or are killed while starting.
func Launch(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := New(t, options...)
	s.Launch(t)
	return s
}

// Prefix is the sub-path under which the whole suite runs, as NOTIFER_TEST_PREFIX says; usually none.
func Prefix() string { return os.Getenv("NOTIFER_TEST_PREFIX") }

// Restart starts the process again on the same address and directory, after Stop or Kill, and waits until it is healthy.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Launch(t)
	if err := s.await(); err != nil {
		t.Fatal(err)
	}
}

// Launch starts the process and returns at once.
func (s *Server) Launch(t testing.TB) {
	t.Helper()
	Requests.CloseIdleConnections()
	args := []string{"serve", "--listen", s.Addr, "--data-dir", s.Dir}
	if Prefix() != "" {
		args = append(args, "--base-url", s.URL)
	}
	s.cmd = exec.Command(s.Bin, append(args, s.Args...)...)
	s.cmd.Env = append(os.Environ(), s.Env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if s.out != nil {
		s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	}
	endWithTest(s.cmd)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	s.gone = gone
	go func(cmd *exec.Cmd) { cmd.Wait(); close(gone) }(s.cmd)
}

// await returns once the server is healthy.
func (s *Server) await() error {
	err := Await(Patience, func() bool { return s.Ended() || s.Healthy() })
	if s.Ended() {
		return fmt.Errorf("serve ended: %v\n%s", s.cmd.ProcessState, s.Log())
	}
	if err != nil {
		return fmt.Errorf("serve is not healthy: %w\n%s", err, s.Log())
	}
	return nil
}

// Healthy reports whether /healthz answers 200.
func (s *Server) Healthy() bool { return healthy(s.URL) }

// AwaitHealthy returns once /healthz at addr answers 200, for servers that were not started here.
func AwaitHealthy(t testing.TB, addr string) {
	t.Helper()
	Until(t, "server healthy", func() bool { return healthy("http://" + addr) })
}

// anyCertificate asks servers of a test whatever certificate they show.
var anyCertificate = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
	Proxy: nil, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func healthy(url string) bool {
	res, err := anyCertificate.Get(url + "/healthz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Ended reports whether the process is gone, or was never started.
func (s *Server) Ended() bool {
	if s.gone == nil {
		return true
	}
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// Signal sends a signal to the process.
func (s *Server) Signal(sig syscall.Signal) { s.cmd.Process.Signal(sig) }

// Wait returns the exit code, or an error when the process lives longer than d.
func (s *Server) Wait(d time.Duration) (int, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.gone:
	case <-timer.C:
	}
	if !s.Ended() {
		return 0, errors.New("still running after " + d.String())
	}
	return s.cmd.ProcessState.ExitCode(), nil
}

// Stop sends SIGTERM, waits and returns the exit code.
func (s *Server) Stop(t testing.TB) int {
	t.Helper()
	s.Signal(syscall.SIGTERM)
	code, err := s.Wait(Patience)
	if err != nil {
		t.Fatalf("serve after SIGTERM: %v\n%s", err, s.Log())
	}
	return code
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

// Log is what the server has written to its standard output and error, over all its starts.
func (s *Server) Log() string { return s.log.String() }

// Log collects what a process or a logger writes, while a test reads it.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Take is String, and forgets what it returns.
func (l *Log) Take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return l.buf.String()
}

// String is all that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
