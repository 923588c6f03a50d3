package run

import (
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Child starts any program that is to end with the test, and with the test's process if that is killed. The function it returns ends
// it before: politely, and after ten seconds by force.
func Child(t testing.TB, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	endWithTest(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	stop = func() {
		if cmd.ProcessState != nil {
			return
		}
		cmd.Process.Signal(syscall.SIGTERM)
		force := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		force.Stop()
	}
	t.Cleanup(stop)
	return stop
}
