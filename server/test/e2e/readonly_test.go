package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// A disk that fails becomes read-only, which is when its owner needs check and backup most.
func TestCheckAndBackupOnAReadOnlyFileSystem(t *testing.T) {
	for _, killed := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "disk")
		os.Mkdir(dir, 0o700)
		if err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size=32m", "none", dir).Run(); err != nil {
			t.Skipf("nothing can be mounted: %v", err)
		}
		t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
		data := filepath.Join(dir, "data")
		s := run.Start(t, run.Args("--data-dir", data))
		s.Dir = data
		jwt := s.AddAdmin(t, "ann")
		s.AddTopic(t, jwt, "my-topic", "private")
		s.JSON(t, "POST", "/my-topic", jwt, map[string]string{"message": "the last"}, nil)
		if killed {
			s.Kill()
		} else {
			s.Stop(t)
		}
		if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
			t.Fatalf("remount: %v %s", err, out)
		}
		r := run.Command(t, nil, "", "check", "--data-dir", data)
		if r.Code != 1 || strings.Contains(r.Stdout+r.Stderr, "damaged") || !strings.Contains(r.Stdout, "read-only") || !strings.Contains(r.Stdout, "sound") ||
			!strings.Contains(r.Stdout, "1 match") {
			t.Errorf("killed %v: check = %d\n%s%s", killed, r.Code, r.Stdout, r.Stderr)
		}
		target := filepath.Join(t.TempDir(), "copy.db")
		if r := run.Command(t, nil, "", "backup", target, "--data-dir", data); r.Code != 0 {
			t.Errorf("killed %v: backup = %d, %s", killed, r.Code, r.Stderr)
		}
		again := filepath.Join(t.TempDir(), "again")
		run.Command(t, nil, "", "restore", target, "--data-dir", again)
		if r := run.Command(t, nil, "", "check", "--data-dir", again); !strings.Contains(r.Stdout, "1 match") {
			t.Errorf("killed %v: the copy holds\n%s", killed, r.Stdout)
		}
	}
}
