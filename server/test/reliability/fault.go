package reliability

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Trace watches the system calls of a running process with strace, and makes some of them fail.
type Trace struct {
	cmd  *exec.Cmd
	file string
}

// Attach traces the named system calls of every thread of a process. Each fault is strace's own form, such as
// "fsync:error=EIO:when=3" or "pwrite64:error=ENOSPC"; strace counts per thread. With paths given, only calls on those files
// are traced. It skips the test where strace cannot attach.
func Attach(t testing.TB, pid int, calls string, faults []string, paths ...string) *Trace {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("skipped: failing system calls need strace, which is not installed")
	}
	tr := &Trace{file: filepath.Join(t.TempDir(), "trace")}
	args := []string{"-f", "-tt", "-y", "-o", tr.file, "-e", "trace=" + calls, "-p", fmt.Sprint(pid)}
	for _, f := range faults {
		args = append(args, "-e", "inject="+f)
	}
	for _, p := range paths {
		args = append(args, "-P", p)
	}
	tr.cmd = exec.Command("strace", args...)
	out, err := tr.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Detach)
	tr.awaitAttached(t, bufio.NewScanner(out))
	return tr
}

func (tr *Trace) awaitAttached(t testing.TB, said *bufio.Scanner) {
	t.Helper()
	var all []string
	for said.Scan() {
		all = append(all, said.Text())
		if strings.Contains(said.Text(), " attached") {
			go func() {
				for said.Scan() {
				}
			}()
			return
		}
	}
	t.Skipf("skipped: strace cannot attach here: %s", strings.Join(all, "; "))
}

// Detach lets the process go on without tracing or faults, and returns when strace is gone.
func (tr *Trace) Detach() {
	if tr.cmd.ProcessState == nil {
		tr.cmd.Process.Signal(syscall.SIGINT)
		tr.cmd.Wait()
	}
}

// Lines returns the traced calls so far, one per line; resumed halves of a call are left out.
func (tr *Trace) Lines(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(tr.file)
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, l := range strings.Split(string(text), "\n") {
		if l != "" && !strings.Contains(l, " resumed>") && !strings.Contains(l, "+++") && !strings.Contains(l, "---") {
			calls = append(calls, l)
		}
	}
	return calls
}

// Injected counts the calls that were made to fail.
func (tr *Trace) Injected(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(tr.file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "(INJECTED)")
}
