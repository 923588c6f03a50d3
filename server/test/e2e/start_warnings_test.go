package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// What will fail later is said at the start.
func TestStartSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := run.Start(t, run.Args("--backup-dir", file+"/copies"), run.Env("NOTIFER_LISTNE=:1"))
	run.Until(t, "the unknown variable is reported", func() bool {
		return strings.Contains(s.Log(), "unknown variable NOTIFER_LISTNE; did you mean NOTIFER_LISTEN?")
	})
	run.Until(t, "the backup directory is reported", func() bool { return strings.Contains(s.Log(), "backup.dir cannot be written to") })
	if strings.Contains(s.Log(), "unencrypted") {
		t.Errorf("loopback is called unsafe:\n%s", s.Log())
	}
}
