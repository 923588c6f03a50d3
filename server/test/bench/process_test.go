package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/run"
)

// process is a server under measurement.
type process struct {
	pid  int
	addr string
	stop func()
}

// startBare runs the reference process and waits for the address it prints.
func startBare(t *testing.T) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=bare", storeVariable+"="+filepath.Join(t.TempDir(), "bare.db"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{stop: run.Child(t, cmd), pid: cmd.Process.Pid}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("read the bare server's address: %v", err)
	}
	p.addr = strings.TrimSpace(line)
	return p
}

// cpu is the processor time the process has used, all threads, user and system.
func (p *process) cpu(t testing.TB) time.Duration {
	t.Helper()
	stat := p.proc(t, "stat")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const ticksPerSecond = 100
	ticks := atoi(t, fields[11]) + atoi(t, fields[12])
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// private is the memory that belongs to the process alone (no file pages).
func (p *process) private(t testing.TB) int64 { return p.field(t, "status", "RssAnon:") << 10 }

// written is the number of bytes the process has caused to be sent to the disk.
func (p *process) written(t testing.TB) int64 { return p.field(t, "io", "write_bytes:") }

func (p *process) field(t testing.TB, file, name string) int64 {
	t.Helper()
	for line := range strings.Lines(p.proc(t, file)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return atoi(t, strings.Fields(rest)[0])
		}
	}
	t.Fatalf("no %s in /proc/%d/%s", name, p.pid, file)
	return 0
}

func (p *process) proc(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid), file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// syncs counts the fsync and fdatasync calls the process makes while f runs. It skips the test where strace is absent.
func (p *process) syncs(t *testing.T, f func()) int {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: fsync counts not checked")
	}
	var log bytes.Buffer
	cmd := exec.Command(strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", "/dev/stdout",
		"-p", strconv.Itoa(p.pid))
	cmd.Stdout = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	run.Until(t, "strace attached", func() bool { return p.field(t, "status", "TracerPid:") != 0 })
	f()
	cmd.Process.Signal(syscall.SIGINT)
	cmd.Wait()
	return strings.Count(log.String(), "sync(")
}

func atoi(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
