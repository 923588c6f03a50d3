package reliability_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/test/reliability"
)

// TestUpgradeKilledHalfWay is P16: a migration that is killed again and again loses nothing, a copy was made first, and the older
// program refuses the newer store without touching it.
func TestUpgradeKilledHalfWay(t *testing.T)     { t.Parallel(); upgrade(t, 6) }
func TestLongUpgradeKilledHalfWay(t *testing.T) { needLong(t); upgrade(t, 100) }

func upgrade(t *testing.T, kills int) {
	h := newHome(t)
	h.publishMany(160)
	before := h.log()
	h.proc.Stop(t)
	old := h.bin
	withTags(reliability.Faulty)(h)
	withEnv("NOTIFER_FAULT=migration")(h)
	for range kills {
		p := reliability.Launch(t, h.bin, h.dir, h.env)
		pause(20*time.Millisecond, 400*time.Millisecond)
		p.Kill()
	}
	h.start()
	for _, v := range reliability.Check(h.log(), before, nil) {
		t.Error(v)
	}
	h.publish("after the upgrade")
	h.proc.Stop(t)
	path := filepath.Join(h.dir, "notifer.db")
	if copies, _ := filepath.Glob(path + ".before-*"); len(copies) != 1 {
		t.Errorf("copies made before the migration: %v, want one", copies)
	}
	h.refusedByOlder(old, path)
	copies, _ := filepath.Glob(path + ".before-*")
	h.bin, h.env = old, nil
	for _, v := range reliability.Check(h.restoredElsewhere(copies[0]), before, nil) {
		t.Errorf("the copy made before the migration: %v", v)
	}
}

// refusedByOlder starts the older program over the newer store.
func (h *home) refusedByOlder(bin, path string) {
	h.t.Helper()
	sound, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	p := reliability.Launch(h.t, bin, h.dir, nil)
	code, err := p.Wait(time.Minute)
	if err != nil || code != 1 || !strings.Contains(p.Log(), "newer") {
		h.t.Errorf("older program over a newer store: exit %d, %v, want 1 and the word newer\n%s", code, err, p.Log())
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(sound) {
		h.t.Errorf("the refused store was changed (%v)", err)
	}
}
