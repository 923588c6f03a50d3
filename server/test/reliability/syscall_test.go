package reliability_test

import (
	"fmt"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestFailingSystemCalls is P3: a write that fails is never a 200 and never seen by a subscriber, and the server works again
// once the fault ends.
func TestFailingSystemCalls(t *testing.T)     { failingCalls(t, 1, 3, 8, 21) }
func TestLongFailingSystemCalls(t *testing.T) { needLong(t); failingCalls(t, upTo(200)...) }

func upTo(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// failing are the faults, in strace's form; the last two strike a stretch of calls.
var failing = []string{
	"fsync,fdatasync:error=EIO:when=%d",
	"pwrite64:error=ENOSPC:when=%d",
	"pwrite64:error=EIO:when=%d",
	"fsync,fdatasync:error=EIO:when=%d+",
	"pwrite64:error=ENOSPC:when=%d+",
}

func failingCalls(t *testing.T, points ...int) {
	h := newHarness(t)
	stop := h.followers(1, h.url, 0)
	injected := 0
	for _, fault := range failing {
		for _, n := range points {
			injected += h.withFailing(fmt.Sprintf(fault, n))
			h.awaitPublishing()
		}
	}
	stop()
	h.check()
	if injected < len(points) {
		t.Errorf("only %d calls were made to fail", injected)
	}
	if out, code := run.Run(t, h.Bin, "check", "--data-dir", h.Dir); code != 0 {
		t.Errorf("notifer check: exit %d\n%s", code, out)
	}
	t.Logf("%d points, %d failing calls, %d acknowledged, 0 false", len(points)*len(failing), injected, len(h.hist.Acks()))
}

// withFailing publishes while system calls fail, and returns how many did.
func (h *harness) withFailing(fault string) int {
	h.t.Helper()
	tr := reliability.Attach(h.t, h.Pid(), "fsync,fdatasync,pwrite64", []string{fault})
	h.serial++
	p := h.publishers(fmt.Sprint("fault", h.serial), false)
	during(p, 4, func() { time.Sleep(150 * time.Millisecond) })
	tr.Detach()
	for status, n := range p.Statuses() {
		if status != 200 && status != 503 && status != 507 {
			h.t.Errorf("%s: %d answers of %d, want 503 or 507", fault, n, status)
		}
	}
	return tr.Injected(h.t)
}

// awaitPublishing waits until the server takes messages again, without a restart.
func (h *harness) awaitPublishing() {
	h.t.Helper()
	err := run.Await(run.Patience, func() bool {
		h.serial++
		return h.send(fmt.Sprint("again", h.serial)).Status == 200 && h.get("/healthz").Status == 200
	})
	if err != nil {
		h.t.Fatalf("the server does not publish again: %v\n%s", err, h.Log())
	}
}

// TestFailingCallsCatchEarlyAnswers proves that the harness can fail.
func TestFailingCallsCatchEarlyAnswers(t *testing.T) {
	for _, row := range []struct{ fault, rule string }{{"answer-first", "durable"}, {"announce-first", "stored"}} {
		t.Run(row.fault, func(t *testing.T) {
			h := newHarness(t, withFault(t, row.fault))
			h.followers(1, h.url, 0)
			for range 10 {
				h.withFailing("fsync,fdatasync:error=EIO:when=1+")
				h.awaitPublishing()
				for _, v := range h.hist.Check(h.messages()) {
					if v.Rule == row.rule {
						return
					}
				}
			}
			t.Errorf("failing system calls showed no broken rule %q: the harness is blind", row.rule)
		})
	}
}
