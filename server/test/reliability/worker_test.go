package reliability_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// TestPanicInAWorker is P24: a panic in a worker is logged, the worker starts again, and streams live on.
func TestPanicInAWorker(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "panic")
	copies := filepath.Join(t.TempDir(), "copies")
	h := newHarness(t, run.Using(reliability.Faulty.Path(t)), run.Env(faults.Haste+"=600", faults.Panic+"="+file),
		run.Args("--backup-dir", copies, "--backup-every", "10m"))
	stop := h.followers(1, h.url, 0)
	for _, worker := range []string{"retention", "backup", "check after an I/O error"} {
		if err := os.WriteFile(file, []byte(worker), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run.Await(run.Patience, func() bool { return strings.Contains(h.Log(), "injected into "+worker) })
		if err != nil {
			t.Errorf("the panic in %s is not in the log: %v", worker, err)
		}
		h.publish("after a panic in " + worker)
	}
	if err := run.Await(run.Patience, func() bool {
		made, _ := filepath.Glob(filepath.Join(copies, "notifer-*.db"))
		return len(made) > 0
	}); err != nil {
		t.Errorf("no scheduled backup came: %v\n%s", err, h.Log())
	}
	stop()
	h.check()
}

// TestReleaseHasNoFaults looks into the released binary for the names by which the other one takes its faults.
func TestReleaseHasNoFaults(t *testing.T) {
	for _, row := range []struct {
		bin  string
		want bool
	}{{run.Binary(t), false}, {reliability.Faulty.Path(t), true}} {
		text, err := os.ReadFile(row.bin)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"NOTIFER_FAULT", "answer-first", "announce-first", "forget-highest", "no-cursor", "hold-read"} {
			if got := bytes.Contains(text, []byte(name)); got != row.want {
				t.Errorf("%s contains %q: %v, want %v", filepath.Base(row.bin), name, got, row.want)
			}
		}
	}
}
