package promise_test

import (
	"flag"
	"strconv"
	"strings"
	"testing"
	"time"

	"notifer/server/promise"
)

var soakFor = flag.Duration("soak", 30*time.Minute, "length of the soak")

// TestLongSoak is P25: after a long mixed load descriptors, threads and memory are back where they were.
func TestLongSoak(t *testing.T) {
	needLong(t)
	h := newHome(t, withArgs("--stream-heartbeat", "2s", "--stream-write-timeout", "2s", "--retention-size", "64MiB",
		"--metrics-allow", "127.0.0.1/32"))
	h.recent = true
	proxy := promise.NewProxy(t, h.proc.Addr)
	h.round(proxy, 20*time.Second)
	goroutines := h.goroutines()
	open, rss := promise.Descriptors(t, h.proc.PID), promise.Memory(t, h.proc.PID, "VmRSS")
	rounds, messages := 0, 0
	for start := time.Now(); time.Since(start) < *soakFor; rounds++ {
		h.hist = &promise.History{} // what this process remembers must not grow for a day
		h.round(proxy, 30*time.Second)
		messages += len(h.hist.Acks())
	}
	if err := promise.Await(30*time.Second, func() bool { return promise.Descriptors(t, h.proc.PID) <= open+10 }); err != nil {
		t.Errorf("%d descriptors, %d at the start", promise.Descriptors(t, h.proc.PID), open)
	}
	if err := promise.Await(30*time.Second, func() bool { return h.goroutines() <= goroutines+10 }); err != nil {
		t.Errorf("%d goroutines, %d at the start", h.goroutines(), goroutines)
	}
	after := promise.Memory(t, h.proc.PID, "VmRSS")
	if after > rss+8<<10 {
		t.Errorf("%d KiB resident, %d at the start", after, rss)
	}
	t.Logf("%v, %d rounds, %d messages: resident %d -> %d KiB, descriptors %d -> %d, goroutines %d -> %d, peak %d KiB", *soakFor, rounds,
		messages, rss, after, open, promise.Descriptors(t, h.proc.PID), goroutines, h.goroutines(), promise.Memory(t, h.proc.PID, "VmHWM"))
}

// goroutines is what the server says of itself on /metrics.
func (h *home) goroutines() int {
	h.t.Helper()
	for line := range strings.Lines(string(h.get("/metrics").Answer)) {
		if n, ok := strings.CutPrefix(line, "go_goroutines "); ok {
			count, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil {
				h.t.Fatal(err)
			}
			return count
		}
	}
	h.t.Fatal("/metrics does not tell the goroutines")
	return 0
}

// round is a stretch of load with streams that come, are cut and go.
func (h *home) round(proxy *promise.Proxy, length time.Duration) {
	h.serial++
	stop := h.followers(5, func() string { return "http://" + proxy.Addr() }, 3*time.Second)
	end := time.Now().Add(length)
	during(h.publishers("round"+strconv.Itoa(h.serial), true), 2, func() {
		for i := 0; time.Now().Before(end); i++ {
			pause(200*time.Millisecond, time.Second)
			damage(proxy, i)
		}
	})
	proxy.Set(promise.Pass)
	stop()
}

// TestLongStart is P22: the first answer comes within 300 ms with a million messages, and within 3 s after a kill -9 with a full WAL.
func TestLongStart(t *testing.T) {
	needLong(t)
	h := newHome(t)
	h.fill(1_000_000)
	h.proc.Stop(t)
	clean := h.timeToFirstAnswer()
	h.publishMany(8000)
	h.proc.Kill()
	killed := h.timeToFirstAnswer()
	if clean > 300*time.Millisecond || killed > 3*time.Second {
		t.Errorf("first answer after %v, after a kill %v; want 300 ms and 3 s", clean, killed)
	}
	t.Logf("first answer with 1 M messages after %v, after a kill -9 %v", clean, killed)
}

func (h *home) timeToFirstAnswer() time.Duration {
	h.t.Helper()
	start := time.Now()
	h.start()
	for h.get("/readyz").Status != 200 {
	}
	return time.Since(start)
}

// fill publishes n short messages.
func (h *home) fill(n int) {
	h.t.Helper()
	p := h.publishers("fill", false)
	during(p, 64, func() {
		if err := promise.Await(time.Hour, func() bool { return p.Answered(200) >= n }); err != nil {
			h.t.Fatal(err)
		}
	})
}
