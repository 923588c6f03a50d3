package bench

import (
	"testing"
	"time"
)

// least is the smallest of a figure within a while: what remains after the collector has had its turn.
func least(span time.Duration, figure func() int64) int64 {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	low := figure()
	for end := time.Now().Add(span); time.Now().Before(end); <-tick.C {
		low = min(low, figure())
	}
	return low
}

func TestMemory(t *testing.T) {
	needLong(t)
	n := newNotifer(t)
	n.serve(t)
	private := func() int64 { return n.private(t) }
	const mebi = 1 << 20
	<-time.After(time.Second)
	idle := private()
	atMost(t, "idle after start, MiB", float64(idle)/mebi, 20, "RssAnon")
	n.signIn(t)
	tg := n.topic(t, "bench")
	atMost(t, "a minute after a sign-in, MiB", float64(least(time.Minute, private))/mebi, 20, "RssAnon; one token made and one sign-in")
	before := private()
	fill(t, tg, 100_000)
	after := least(10*time.Second, private)
	atMost(t, "100,000 stored messages add, MiB", float64(after-before)/mebi, 14, "%s before, %s after", mib(before), mib(after))
}

func TestStreamMemory(t *testing.T) {
	needLong(t)
	const subscribers = 5000
	for _, form := range []struct {
		name      string
		webSocket bool
		bar       float64
	}{{"SSE", false, 6}, {"WebSocket", true, 12}} {
		n := startNotifer(t)
		tg := n.topic(t, "bench")
		fill(t, tg, 100)
		private := func() int64 { return n.private(t) }
		before := least(5*time.Second, private)
		s := subscribe(t, tg, subscribers, 0, form.webSocket)
		after := least(5*time.Second, private)
		atMost(t, "an idle subscriber over "+form.name+", KiB", float64(after-before)/subscribers/1024, form.bar,
			"%s with none, %s with %d", mib(before), mib(after), subscribers)
		s.close()
		n.stop()
	}
}
