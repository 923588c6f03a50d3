package e2e_test

import (
	"os/exec"
	"testing"

	"notifer/server/test/run"
)

// A command prints nothing of its own accord where the kernel shows no pressure files, as in many containers.
func TestCommandsAreQuietWithoutPressureFiles(t *testing.T) {
	t.Parallel()
	hide := `mount -t tmpfs none /sys/fs/cgroup`
	if err := exec.Command("unshare", "-m", "sh", "-c", hide).Run(); err != nil {
		t.Skipf("/sys/fs/cgroup cannot be hidden: %v", err)
	}
	out, err := exec.Command("unshare", "-m", "sh", "-c", hide+` && exec "$1" version >/dev/null`, "sh", run.Binary(t)).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("notifer version: %v, on standard error: %s", err, out)
	}
}
