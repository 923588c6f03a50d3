package reliability_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestCutStreams is P4: subscribers of all transports lose their connections again and again, in every way, and still get every
// message once and in order.
func TestCutStreams(t *testing.T)     { t.Parallel(); cutStreams(t, 3, 20, 1) }
func TestLongCutStreams(t *testing.T) { needLong(t); cutStreams(t, 20, 500, 50) }

func cutStreams(t *testing.T, subscribers, cuts, restarts int) {
	h := newHarness(t, run.Args("--stream-heartbeat", "1s", "--stream-write-timeout", "2s"))
	h.cutAndCrash(subscribers, cuts, restarts)
	h.check()
	t.Logf("%d subscribers, %d cuts, %d restarts, %d messages", 3*subscribers, cuts, restarts, len(h.hist.Acks()))
}

// cutAndCrash publishes to subscribers behind a proxy that breaks their connections, and kills the server now and then.
func (h *harness) cutAndCrash(subscribers, cuts, restarts int) {
	h.t.Helper()
	proxy := reliability.NewProxy(h.t, h.Addr)
	stop := h.followers(subscribers, func() string { return "http://" + proxy.Addr() }, 1500*time.Millisecond)
	during(h.publishers("load", true), 4, func() {
		for i := range cuts {
			pause(20*time.Millisecond, 200*time.Millisecond)
			damage(proxy, i)
			if i%(cuts/restarts) == cuts/restarts-1 {
				h.crash()
				proxy.SetTarget(h.Addr)
			}
		}
	})
	proxy.Set(reliability.Pass)
	stop()
}

// damage breaks the network for a short time in one of the five ways.
func damage(p *reliability.Proxy, i int) {
	switch i % 5 {
	case 0, 1:
		p.Cut(reliability.Reset)
	case 2:
		p.Cut(reliability.HalfClose)
	case 3:
		p.Set(reliability.Trickle)
		pause(100*time.Millisecond, 600*time.Millisecond)
		p.Set(reliability.Pass)
		p.Cut(reliability.Reset)
	case 4:
		p.Set(reliability.Freeze)
		pause(100*time.Millisecond, 2*time.Second)
		p.Set(reliability.Pass)
	}
}

// TestSeamStorm is P5: joins with a cursor in the past while messages arrive lose and double nothing at the seam.
func TestSeamStorm(t *testing.T) { h := newHarness(t); seamStorm(h, 0, 200); h.check() }
func TestLongSeamStorm(t *testing.T) {
	needLong(t)
	h := newHarness(t)
	seamStorm(h, 0, 1000)
	h.check()
}

// seamStorm joins n times, numbered from first, 16 at a time, and follows each until it has 100 messages or has got past its join.
func seamStorm(h *harness, first, n int) {
	for i := range 300 {
		h.publish(fmt.Sprint("early", i))
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var load, joins sync.WaitGroup
	load.Go(func() { h.publishers("load", false).Run(ctx, 2) })
	turns := make(chan int)
	for range 16 {
		joins.Go(func() {
			for i := range turns {
				h.join(i)
			}
		})
	}
	for i := range n {
		turns <- first + i
	}
	close(turns)
	joins.Wait()
	stop()
	load.Wait()
}

// join opens one stream at a random place of the log and reads about 100 messages.
func (h *harness) join(i int) {
	acks := h.hist.Acks()
	back := min(len(acks), 1+rand.IntN(120))
	ctx, stop := context.WithTimeout(context.Background(), run.Patience)
	defer stop()
	s := &reliability.Subscriber{Name: fmt.Sprint("join", i), Topic: "ops", Token: h.token, Base: h.url, History: h.hist,
		Via: []reliability.Transport{reliability.SSE, reliability.WS}[i%2], From: acks[len(acks)-back].ID}
	var done sync.WaitGroup
	done.Go(func() { s.Run(ctx) })
	target := acks[len(acks)-1].ID
	if err := run.Await(run.Patience, func() bool { return h.hist.Newest(s.Name) > target }); err != nil {
		h.t.Errorf("%s never got past %s, where the log ended when it joined", s.Name, target)
	}
	stop()
	done.Wait()
}

// TestSeamStormCatchesAJoinWithoutCursor proves that the harness can fail.
func TestSeamStormCatchesAJoinWithoutCursor(t *testing.T) {
	t.Parallel()
	h := newHarness(t, withFault(t, "no-cursor"))
	for storm := range 20 {
		if seamStorm(h, 100*storm, 100); len(h.hist.Check(h.messages())) > 0 {
			return
		}
	}
	t.Error("a replay joined to live without a cursor broke no rule: the harness is blind")
}

// TestResumePoints is P6: a place that is gone or lies ahead is told apart from being caught up.
func TestResumePoints(t *testing.T) {
	h := newHarness(t)
	first, second := h.publish("one"), h.publish("two")
	h.admin.Must(t, "DELETE", "/api/ops/messages/"+second.ID, nil, nil)
	third := h.publish("three")
	for _, row := range []struct{ from, echo, next string }{
		{first.ID, first.ID, third.ID},
		{second.ID, second.ID, third.ID},
		{"zzzzzzzzzzzz", "earliest", first.ID},
	} {
		id, first := h.firstAfter(row.from)
		if id != row.echo || first != row.next {
			t.Errorf("resume after %s: X-Last-Event-ID %q, first message %s; want %q, %s", row.from, id, first, row.echo, row.next)
		}
	}
	c := &reliability.Call{Method: "GET", URL: h.url() + "/ops/sse?last_event_id=nonsense", Header: map[string]string{"X-Topic-Token": h.token}}
	if err := c.Do(); err != nil || c.Status != 400 {
		t.Errorf("resume after nonsense = %d, %v; want 400", c.Status, err)
	}
}
