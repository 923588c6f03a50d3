package reliability_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestPowerCut is P2: what was acknowledged is there after the power went away under load.
func TestPowerCut(t *testing.T)     { powerCuts(t, 3) }
func TestLongPowerCut(t *testing.T) { needLong(t); powerCuts(t, 50) }

func powerCuts(t *testing.T, cuts int) {
	disk := reliability.NewDisk(t, 256)
	h := newHarness(t, run.In(filepath.Join(disk.Dir, "data")))
	for i := range cuts {
		disk = h.cutPower(disk, time.Duration(300+i%5*100)*time.Millisecond)
		if out, code := run.Run(t, h.Bin, "check", "--data-dir", h.Dir); code != 0 {
			t.Fatalf("notifer check after cut %d: exit %d\n%s", i+1, code, out)
		}
		h.start()
		h.check()
		if t.Failed() {
			t.Fatalf("cut %d of %d lost messages", i+1, cuts)
		}
	}
	t.Logf("%d cuts, %d acknowledged, 0 lost", cuts, len(h.hist.Acks()))
}

// cutPower publishes for a while, cuts the power and leaves the home on the disk that is left.
func (h *harness) cutPower(disk *reliability.Disk, load time.Duration) *reliability.Disk {
	h.t.Helper()
	h.serial++
	p := h.publishers(fmt.Sprint("cut", h.serial), false)
	during(p, 16, func() {
		time.Sleep(load)
		h.Kill()
	})
	after := disk.Cut(h.t)
	if err := disk.Unmount(); err != nil {
		h.t.Log(err)
	}
	h.Dir = filepath.Join(after.Dir, "data")
	return after
}

// TestPowerCutCatchesNormal proves that the harness can fail: with synchronous NORMAL a cut loses acknowledged messages.
func TestPowerCutCatchesNormal(t *testing.T) {
	disk := reliability.NewDisk(t, 256)
	h := newHarness(t, run.In(filepath.Join(disk.Dir, "data")), withFault(t, "normal"))
	for range 12 {
		disk = h.cutPower(disk, 500*time.Millisecond)
		h.start()
		log, err := reliability.ReadLog(h.url(), "ops", h.token, reliability.All)
		if err != nil || len(h.hist.Check(log)) > 0 {
			return // messages are gone, or the token that was to read them is
		}
	}
	t.Error("12 power cuts of a build with synchronous NORMAL lost nothing: the harness is blind")
}
