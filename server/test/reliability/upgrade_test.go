package reliability_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// TestUpgradeKilledHalfWay is P16: a migration that is killed again and again loses nothing, a copy was made first, and the older
// program refuses the newer store without touching it.
func TestUpgradeKilledHalfWay(t *testing.T)     { t.Parallel(); upgrade(t, 6) }
func TestLongUpgradeKilledHalfWay(t *testing.T) { needLong(t); upgrade(t, 100) }

func upgrade(t *testing.T, kills int) {
	h := newHarness(t)
	h.publishMany(160)
	before := h.messages()
	h.Stop(t)
	old := h.Bin
	h.Bin = reliability.Faulty.Path(t)
	h.Env = []string{faults.Names + "=" + faults.SlowMigration}
	for range kills {
		p := run.Launch(t, run.Using(h.Bin), run.In(h.Dir), run.Env(h.Env...))
		pause(20*time.Millisecond, 400*time.Millisecond)
		p.Kill()
	}
	h.start()
	for _, v := range reliability.Check(h.messages(), before, nil) {
		t.Error(v)
	}
	h.publish("after the upgrade")
	h.Stop(t)
	path := filepath.Join(h.Dir, "notifer.db")
	if copies, _ := filepath.Glob(path + ".before-*"); len(copies) != 1 {
		t.Errorf("copies made before the migration: %v, want one", copies)
	}
	h.refusedByOlder(old, path)
	copies, _ := filepath.Glob(path + ".before-*")
	h.Bin, h.Env = old, nil
	for _, v := range reliability.Check(h.restoredElsewhere(copies[0]), before, nil) {
		t.Errorf("the copy made before the migration: %v", v)
	}
}

// refusedByOlder starts the older program over the newer store.
func (h *harness) refusedByOlder(bin, path string) {
	h.t.Helper()
	sound, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	p := run.Launch(h.t, run.Using(bin), run.In(h.Dir))
	code, err := p.Wait(time.Minute)
	if err != nil || code != 1 || !strings.Contains(p.Log(), "newer") {
		h.t.Errorf("older program over a newer store: exit %d, %v, want 1 and the word newer\n%s", code, err, p.Log())
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(sound) {
		h.t.Errorf("the refused store was changed (%v)", err)
	}
}
