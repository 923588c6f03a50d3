package reliability_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestStalledReaders is P8: readers that never read cost little, are closed, and delay nobody.
func TestStalledReaders(t *testing.T) { stalledReaders(t, 60) }

func TestLongStalledReaders(t *testing.T) { needLong(t); stalledReaders(t, 100) }

func stalledReaders(t *testing.T, stalled int) {
	// Little garbage may pile up, or a fast machine's would be taken for what the readers hold.
	h := newHarness(t, run.Env("GOGC=10"), run.Args("--stream-write-timeout", "3s", "--limits-streams-per-credential", "1000"))
	stop := h.followers(2, h.url, 0)
	base := h.publishTimed(100)
	before := reliability.Memory(t, h.Pid(), "VmRSS")
	open := reliability.Descriptors(t, h.Pid())
	for i := range stalled {
		path, more := "/ops/sse?token="+h.token, []string(nil)
		if i%2 == 1 {
			path, more = "/ops/ws?token="+h.token, reliability.Upgrade
		}
		reliability.Stall(t, h.Addr, path, more...)
	}
	run.Await(run.Patience, func() bool { return reliability.Descriptors(t, h.Pid()) >= open+stalled })
	loaded := h.publishTimed(400)
	peak := reliability.Memory(t, h.Pid(), "VmRSS")
	if err := run.Await(run.Patience, func() bool {
		h.publishTimed(5)
		return reliability.Descriptors(t, h.Pid()) <= open+10
	}); err != nil {
		t.Errorf("%d descriptors, %d before the stalled readers came: they are not closed", reliability.Descriptors(t, h.Pid()), open)
	}
	stop()
	h.check()
	each := max(peak-before, 0) / stalled
	if each > 256 {
		t.Errorf("a stalled reader costs %d KiB, want 64 (256 with the noise of this measure)", each)
	}
	if loaded > 3*base+run.Scale(t, time.Second) {
		t.Errorf("publishing took %v at p99 beside stalled readers, %v without", loaded, base)
	}
	t.Logf("%d stalled: %d KiB each, publish p99 %v, without them %v", stalled, each, loaded, base)
}

// publishTimed publishes n messages of 8 KiB one after the other and returns the 99th percentile.
func (h *harness) publishTimed(n int) time.Duration {
	h.t.Helper()
	text := strings.Repeat("0123456789abcdef", 512)
	var took []time.Duration
	for range n {
		h.serial++
		start := time.Now()
		h.publish(fmt.Sprint("timed", h.serial, " ", text))
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// TestSlowReaderKeepsWALSmall is P12: a reader that takes its time with a long history does not hold the WAL open.
func TestSlowReaderKeepsWALSmall(t *testing.T) {
	h := newHarness(t, run.Args("--stream-write-timeout", "60s"))
	if size := slowReaderWAL(h); size > 16<<20 {
		t.Errorf("the WAL grew to %d MiB beside slow readers, want 16 at most", size>>20)
	}
}

// TestLongSlowReader is the same over ten minutes of load, with readers that stand still for the first five.
func TestLongSlowReader(t *testing.T) {
	needLong(t)
	h := newHarness(t, run.Args("--stream-write-timeout", "10m", "--retention-size", "256MiB"))
	wal := func() int64 { return fileSize(t, h.Dir+"/notifer.db-wal") }
	h.publishMany(1000)
	var slow []net.Conn
	for range 4 {
		slow = append(slow, reliability.Stall(t, h.Addr, "/ops/sse?since=all&token="+h.token))
	}
	largest := int64(0)
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	go func() {
		time.Sleep(5 * time.Minute)
		for _, c := range slow {
			c.Close()
		}
	}()
	load := h.publishers("slow", false)
	during(load, 8, func() {
		run.Await(10*time.Minute, func() bool { largest = max(largest, wal()); return ctx.Err() != nil })
	})
	if err := run.Await(run.Patience, func() bool { return wal() <= 4<<20 }); err != nil {
		t.Errorf("the WAL of an idle server is %d KiB, want 4096 at most", wal()>>10)
	}
	t.Logf("%d messages in 10 minutes: the WAL grew to %d KiB, %d KiB when idle", load.Answered(200), largest>>10, wal()>>10)
	if largest > 16<<20 {
		t.Errorf("the WAL grew to %d MiB beside slow readers, want 16 at most", largest>>20)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestSlowReaderCatchesAHeldTransaction proves that the harness can fail.
func TestSlowReaderCatchesAHeldTransaction(t *testing.T) {
	h := newHarness(t, withFault(t, "hold-read"), run.Args("--stream-write-timeout", "60s"))
	if size := slowReaderWAL(h); size <= 16<<20 {
		t.Errorf("a read transaction held for slow readers left the WAL at %d KiB: the harness is blind", size>>10)
	}
}

// slowReaderWAL publishes 32 MiB beside readers that stopped in the middle of a long history, and returns the WAL's size.
func slowReaderWAL(h *harness) int64 {
	h.t.Helper()
	h.publishMany(1000)
	open := reliability.Descriptors(h.t, h.Pid())
	for range 4 {
		reliability.Stall(h.t, h.Addr, "/ops/sse?since=all&token="+h.token)
	}
	run.Await(20*time.Second, func() bool { return reliability.Descriptors(h.t, h.Pid()) >= open+4 })
	h.publishMany(4000)
	return fileSize(h.t, h.Dir+"/notifer.db-wal")
}

// publishMany publishes n messages of 8 KiB, 16 at a time.
func (h *harness) publishMany(n int) {
	h.t.Helper()
	text := strings.Repeat("0123456789abcdef", 512)
	var all sync.WaitGroup
	for w := range 16 {
		h.serial++
		serial := h.serial
		all.Go(func() {
			for i := range n / 16 {
				c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Header: map[string]string{"X-Topic-Token": h.token}}
				c.Body = fmt.Sprint(serial, " ", w, " ", i, " ", text)
				if err := c.Do(); err != nil || c.Status != 200 {
					h.t.Errorf("publish = %d %v", c.Status, err)
					return
				}
			}
		})
	}
	all.Wait()
}
