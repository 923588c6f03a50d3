package reliability_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// TestBusy is P13 and goal 3: publishers, readers, retention, backups and commands together, and no answer of class 5xx.
func TestBusy(t *testing.T)     { busy(t, 5*time.Second, 0) }
func TestLongBusy(t *testing.T) { needLong(t); busy(t, 5*time.Minute, 100000) }

func busy(t *testing.T, length time.Duration, least int) {
	h := newHarness(t, run.Using(reliability.Faulty.Path(t)), run.Env(faults.Haste+"=600", faults.Quiet+"=0s"), run.Args("--retention-age", "2s"))
	ctx, stop := context.WithTimeout(context.Background(), length)
	defer stop()
	p := h.publishers("load", false)
	var all sync.WaitGroup
	all.Go(func() { p.Run(ctx, 64) })
	for range 16 {
		all.Go(func() { h.readAll(ctx) })
	}
	all.Go(func() { h.commands(ctx) })
	all.Wait()
	for status, n := range p.Statuses() {
		if status != 200 {
			t.Errorf("%d publishes answered %d", n, status)
		}
	}
	if strings.Contains(h.Log(), "locked") {
		t.Errorf("the log speaks of locks:\n%s", h.Log())
	}
	if p.Answered(200) < least {
		t.Errorf("%d requests, want %d", p.Answered(200), least)
	}
	if !strings.Contains(h.Log(), "deleted") {
		t.Errorf("retention deleted nothing:\n%s", h.Log())
	}
	peak := reliability.Memory(t, h.Pid(), "VmHWM")
	if peak > 256<<10 {
		t.Errorf("the server took %d MiB at its peak, want 256 at most", peak>>10)
	}
	if info, err := os.Stat(filepath.Join(h.Dir, "notifer.db-wal")); err != nil || info.Size() > 16<<20 {
		t.Errorf("the WAL after the load: %v, %v; want 16 MiB at most", info, err)
	}
	t.Logf("%v: %d publishes answered 200, no other; peak %d MiB", length, p.Answered(200), peak>>10)
}

// TestLongRaces runs kills, cuts, stalled readers and the busy mix against a build with the race detector.
func TestLongRaces(t *testing.T) {
	needLong(t)
	for _, part := range []func(h *harness){
		func(h *harness) { h.cutAndCrash(3, 20, 1); h.check() },
		func(h *harness) { seamStorm(h, 0, 100); h.check() },
		func(h *harness) { h.deadPeers(30); h.publishMany(800) },
	} {
		h := newHarness(t, run.Using(run.Race.Path(t)), run.Args("--stream-heartbeat", "500ms", "--stream-write-timeout", "1s", "--retention-age", "2s"))
		part(h)
		h.Stop(t)
		if strings.Contains(h.Log(), "DATA RACE") {
			t.Errorf("%s", h.Log())
		}
	}
}

// readAll reads the newest and the oldest pages of the history.
func (h *harness) readAll(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		path := []string{"/ops/json?limit=100", "/ops/json?since=all&limit=100", "/ops/json?limit=20&q=load"}[i%3]
		c := &reliability.Call{Method: "GET", URL: h.url() + path, Header: map[string]string{"X-Topic-Token": h.token}}
		if err := c.Do(); err != nil || c.Status != 200 {
			h.t.Errorf("GET %s = %d %v %s", path, c.Status, err, c.Answer)
			return
		}
	}
}

// commands runs administration commands beside the server.
func (h *harness) commands(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		run.AddAdmin(h.t, h.Bin, h.Dir, fmt.Sprint("user", i))
		if out, code := run.Run(h.t, h.Bin, "backup", filepath.Join(h.t.TempDir(), "copy.db"), "--data-dir", h.Dir); code != 0 {
			h.t.Errorf("notifer backup: exit %d\n%s", code, out)
		}
	}
}

// TestCardWrites is P23: an idle server writes nothing, one publish is one fsync, a burst of 64 at most four.
func TestCardWrites(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.publishMany(64)
	quiet := reliability.Attach(t, h.Pid(), "fsync,fdatasync,pwrite64", nil)
	// Counters of use are flushed ten seconds after a publish at the latest, perhaps before the watch began.
	run.Await(15*time.Second, func() bool { return len(quiet.Lines(t)) > 0 })
	for n := -1; n < len(quiet.Lines(t)); time.Sleep(2 * time.Second) { // until the last of it is written
		n = len(quiet.Lines(t))
	}
	quiet.Detach()
	idle := reliability.Attach(t, h.Pid(), "fsync,fdatasync,pwrite64,ftruncate", nil)
	time.Sleep(idleTime()) // in which nothing must happen
	if lines := idle.Lines(t); len(lines) > 0 {
		t.Errorf("an idle server wrote:\n%s", strings.Join(lines, "\n"))
	}
	idle.Detach()
	h.publish("first after a checkpoint may take two")
	one := reliability.Attach(t, h.Pid(), "fsync,fdatasync", nil)
	h.publish("one")
	if n := len(one.Lines(t)); n != 1 {
		t.Errorf("one publish took %d fsyncs, want 1\n%s", n, strings.Join(one.Lines(t), "\n"))
	}
	one.Detach()
	h.burst()
}

func idleTime() time.Duration {
	if *long {
		return 10 * time.Minute
	}
	return 3 * time.Second
}

// burst publishes 64 messages at once. The first few may be committed before the others have come, so the best of some tries counts.
func (h *harness) burst() {
	h.t.Helper()
	best := 1 << 20
	for range 5 {
		tr := reliability.Attach(h.t, h.Pid(), "fsync,fdatasync", nil)
		h.publishers(fmt.Sprint("burst", best), false).Burst(context.Background(), 64)
		best = min(best, len(tr.Lines(h.t)))
		tr.Detach()
	}
	if best > 4 {
		h.t.Errorf("a burst of 64 took %d fsyncs, want 4 at most", best)
	}
}
