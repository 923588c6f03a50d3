package bench

import (
	"fmt"
	"testing"
	"time"

	"notifer/server/test/run"
)

// burst is the outcome of one round of fan-out.
type burst struct {
	rate   float64       // deliveries a second, from the first publish to the last delivery
	taken  float64       // publishes a second
	p99    time.Duration // from publish to subscriber
	memory int64         // the server's growth while it ran
}

// runBurst publishes to n fresh subscribers of tg and checks that each had every message once, in one order.
func runBurst(t *testing.T, tg target, n int, webSocket bool, how pressure) burst {
	t.Helper()
	s := subscribe(t, tg, n, how.messages, webSocket)
	defer s.close()
	how.onSend = s.sending
	idle := tg.server.private(t)
	if how.rate > 0 {
		idle = least(5*time.Second, func() int64 { return tg.server.private(t) }) // what connecting took has been given back
	}
	begin := time.Now()
	l := publish(t, tg, how)
	noErrors(t, "publish to subscribers", l)
	s.wait(t, how.messages, 2*time.Minute)
	return burst{
		rate:   float64(n*how.messages) / s.last.Sub(begin).Seconds(),
		taken:  l.rate(),
		p99:    s.delay(0.99),
		memory: tg.server.private(t) - idle,
	}
}

// runLoop is runBurst against the bare loop, in a process of its own.
func runLoop(t *testing.T, n int, how pressure) burst {
	t.Helper()
	b := startBare(t)
	defer b.stop()
	return runBurst(t, target{server: b, path: "/loop", token: bareToken()}, n, false, how)
}

var burstBars = []struct {
	subscribers, messages int
	times                 float64
}{
	{subscribers: 1000, messages: 500, times: 4},
	{subscribers: 5000, messages: 200, times: 8},
}

func TestFanout(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	for _, bar := range burstBars {
		how := pressure{connections: 64, messages: bar.messages}
		var loop, sse, ws []float64
		for range fanoutRounds() {
			loop = append(loop, runLoop(t, bar.subscribers, how).rate)
			sse = append(sse, runBurst(t, tg, bar.subscribers, false, how).rate)
			ws = append(ws, runBurst(t, tg, bar.subscribers, true, how).rate)
		}
		ceiling, detail := median(loop), "%.0f deliveries/s; bare loop %.0f"
		atLeast(t, fmt.Sprintf("burst to %d over SSE", bar.subscribers), median(sse)/ceiling, bar.times, detail, median(sse), ceiling)
		atLeast(t, fmt.Sprintf("burst to %d over WebSocket", bar.subscribers), median(ws)/ceiling, bar.times, detail, median(ws), ceiling)
	}
}

// fanoutRounds are fewer than those of publishing: the bare loop takes long.
func fanoutRounds() int { return max(1, *rounds/2) }

// TestSteady offers 200 messages a second to 1,000 subscribers.
func TestSteady(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	how := pressure{connections: 32, messages: 1000, rate: 200}
	for _, webSocket := range []bool{false, true} {
		var loop, ours []burst
		for range fanoutRounds() {
			loop = append(loop, runLoop(t, 1000, how))
			ours = append(ours, runBurst(t, tg, 1000, webSocket, how))
		}
		name := map[bool]string{false: "SSE", true: "WebSocket"}[webSocket]
		p99 := func(b burst) time.Duration { return b.p99 }
		bare, mine := collect(loop, p99), collect(ours, p99)
		atLeast(t, "200/s to 1000 over "+name+", taken", collect(ours, func(b burst) float64 { return b.taken })/200, 0.99,
			"bare loop %.0f/s", collect(loop, func(b burst) float64 { return b.taken }))
		atMost(t, "200/s to 1000 over "+name+", p99", float64(mine)/float64(bare), 0.3, "%v of %v", mine, bare)
		atMost(t, "200/s to 1000 over "+name+", memory MiB", float64(collect(ours, func(b burst) int64 { return b.memory }))/(1<<20), 2, "on top of idle streams")
	}
}

// TestPaced sends single messages and waits for the last of 5,000 subscribers.
func TestPaced(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	for _, webSocket := range []bool{false, true} {
		b := startBare(t)
		loop := target{server: b, path: "/loop", token: bareToken()}
		bare, ours := pacedPair(t, listen(t, loop, false), listen(t, tg, webSocket))
		name := map[bool]string{false: "SSE", true: "WebSocket"}[webSocket]
		atMost(t, "one message to the last of 5000 over "+name, float64(ours)/float64(bare), 1, "%v of %v", ours, bare)
		b.stop()
	}
}

const pacedMessages = 30

// audience is a target with 5,000 subscribers.
type audience struct {
	target
	*subscribers
}

func listen(t *testing.T, tg target, webSocket bool) audience {
	return audience{tg, subscribe(t, tg, 5000, pacedMessages, webSocket)}
}

// pacedPair sends a message to one audience and then to the other, again and again, and returns the median times.
func pacedPair(t *testing.T, bare, ours audience) (time.Duration, time.Duration) {
	t.Helper()
	var ceiling, mine []time.Duration
	for i := range pacedMessages {
		ceiling, mine = append(ceiling, bare.reached(t, i)), append(mine, ours.reached(t, i))
	}
	for _, a := range []audience{bare, ours} {
		a.wait(t, pacedMessages, time.Second)
		a.close()
	}
	return median(ceiling), median(mine)
}

// reached is the time from publishing message i to its arrival at the last subscriber.
func (a audience) reached(t *testing.T, i int) time.Duration {
	t.Helper()
	<-time.After(30 * time.Millisecond)
	one := pressure{connections: 1, messages: 1, first: i, onSend: a.sending}
	noErrors(t, "paced publish", publish(t, a.target, one))
	run.Until(t, "the message reached all", func() bool { return a.delivered.Load() == int64((i+1)*len(a.streams)) })
	return a.last.Sub(a.begin) - time.Duration(a.sentAt[i].Load())
}
