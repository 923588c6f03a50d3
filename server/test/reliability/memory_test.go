package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestMemoryLimit is P9: the worst mix in a control group of 256 MiB, and nothing is killed.
func TestMemoryLimit(t *testing.T)     { memoryLimit(t, 4*time.Second) }
func TestLongMemoryLimit(t *testing.T) { needLong(t); memoryLimit(t, 2*time.Minute) }

func memoryLimit(t *testing.T, length time.Duration) {
	group := reliability.NewCgroup(t, 256<<20)
	h := newHarness(t, run.Using(group.Enter(t, run.Binary(t))),
		run.Args("--limits-streams-per-credential", "1000", "--limits-streams-per-address", "1000", "--stream-write-timeout", "2s"))
	email, password := run.AddAdmin(t, h.Bin, h.Dir, "eve")
	stop := h.followers(20, h.url, 0)
	for range 100 {
		reliability.Stall(t, h.Addr, "/ops/sse?token="+h.token)
	}
	ctx, done := context.WithTimeout(context.Background(), length)
	defer done()
	var all sync.WaitGroup
	all.Go(func() { h.publishers("load", false).Run(ctx, 64) })
	for range 16 {
		all.Go(func() { h.readAll(ctx) })
	}
	h.signInAtOnce(500, email, password)
	h.publishMany(2000)
	all.Wait()
	stop()
	if kills := group.Kills(t); kills != 0 || h.get("/healthz").Status != 200 {
		t.Errorf("%d processes killed in 256 MiB", kills)
	}
	t.Logf("peak %d KiB in a group of 256 MiB", reliability.Memory(t, h.Pid(), "VmHWM"))
}

// signInAtOnce signs in n times in parallel; each is let in or told to wait.
func (h *harness) signInAtOnce(n int, email, password string) {
	h.t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		h.t.Fatal(err)
	}
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			c := &reliability.Call{Method: "POST", URL: h.url() + "/auth/login", Body: string(body), Header: map[string]string{"Content-Type": "application/json"}}
			if err := c.Do(); err != nil || !slices.Contains([]int{200, 429, 503}, c.Status) {
				h.t.Errorf("one of %d sign-ins = %d %v %s", n, c.Status, err, c.Answer)
			}
		})
	}
	all.Wait()
}

// TestCgroupKills proves that the harness can fail: what takes more than its group may hold is killed and counted.
func TestCgroupKills(t *testing.T) {
	group := reliability.NewCgroup(t, 32<<20)
	greedy := exec.Command(group.Enter(t, "/usr/bin/sort"), "-S", "200M")
	greedy.Stdin = strings.NewReader(strings.Repeat("a line that is kept in memory\n", 4<<20))
	if err := greedy.Run(); err == nil {
		t.Error("a process took 200 MiB in a group of 32 MiB")
	}
	if group.Kills(t) == 0 {
		t.Error("no kill was counted")
	}
}

// TestLongStalledMemory is goal 4: what a stalled reader costs the process, and how long it keeps others waiting.
func TestLongStalledMemory(t *testing.T) {
	needLong(t)
	const stalled = 500
	h := newHarness(t, run.Args("--stream-write-timeout", "10m", "--limits-streams-per-credential", "1000", "--limits-streams-per-address", "1000"))
	s := &reliability.Subscriber{Name: "live", Topic: "ops", Token: h.token, Via: reliability.SSE, Base: h.url, History: h.hist, Silence: time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	joined := make(chan struct{})
	go s.Once(ctx, func() { close(joined) })
	<-joined
	h.deliverTimed(400) // the ring is full
	base, before := h.deliverTimed(400), h.atRest()
	open := reliability.Descriptors(t, h.Pid())
	for range stalled {
		reliability.Stall(t, h.Addr, "/ops/sse?token="+h.token)
	}
	if err := run.Await(run.Patience, func() bool { return reliability.Descriptors(t, h.Pid()) >= open+stalled }); err != nil {
		t.Fatal(err)
	}
	h.publishMany(1000) // 8 MiB: the system's buffers of their sockets are full
	h.deliverTimed(100)
	loaded, after := h.deliverTimed(400), h.atRest()
	each := float64(after-before) / stalled
	t.Logf("%d stalled: %.1f KiB each (%d -> %d KiB); delivery to a live reader %v at p99, %v without them", stalled, each, before, after, loaded, base)
	if each > 64 {
		t.Errorf("a stalled reader costs %.1f KiB, want 64 at most", each)
	}
	if loaded > base+time.Millisecond {
		t.Errorf("delivery took %v at p99 beside stalled readers, %v without: want 1 ms more at most", loaded, base)
	}
}

// atRest is the smallest private memory in KiB over a while without requests, when the server has given back what it can.
func (h *harness) atRest() int {
	h.t.Helper()
	least := reliability.Memory(h.t, h.Pid(), "RssAnon")
	run.Await(8*time.Second, func() bool {
		least = min(least, reliability.Memory(h.t, h.Pid(), "RssAnon"))
		return false
	})
	return least
}

// deliverTimed publishes n messages of 2 KiB one after the other and returns the 99th percentile of the time until a
// live reader has each.
func (h *harness) deliverTimed(n int) time.Duration {
	h.t.Helper()
	text := strings.Repeat("0123456789abcdef", 128)
	var took []time.Duration
	for range n {
		h.serial++
		start := time.Now()
		id := h.publish(fmt.Sprint("timed", h.serial, " ", text)).ID
		for h.hist.Newest("live") < id {
			runtime.Gosched()
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}
