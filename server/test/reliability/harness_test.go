package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// slack is what the machine may add to a time that is promised, as slow and busy as it is.
func slack(t *testing.T) time.Duration {
	t.Helper()
	return run.Scale(t, 3*time.Second)
}

// harness is a server with an admin, the private topic "ops" and a token for it, and a record of what was published and received.
type harness struct {
	*run.Server
	t     *testing.T
	admin *reliability.Account
	token string
	hist  *reliability.History

	serial int  // numbers the bodies of this test
	recent bool // followers begin at the newest message
}

// withFault starts the build that can be told to break a promise, and tells it which.
func withFault(t *testing.T, fault string) run.Option {
	return func(s *run.Server) {
		run.Using(reliability.Faulty.Path(t))(s)
		run.Env(faults.Names + "=" + fault)(s)
	}
}

func newHarness(t *testing.T, options ...run.Option) *harness {
	t.Helper()
	h := &harness{Server: run.New(t, options...), t: t, hist: &reliability.History{}}
	email, password := run.AddAdmin(t, h.Bin, h.Dir, "ann")
	h.start()
	h.admin = reliability.SignIn(t, h.URL, email, password)
	h.admin.Topic(t, "ops", "private")
	_, h.token = h.admin.Token(t, "ops", "publish", "subscribe")
	return h
}

func (h *harness) url() string { return h.URL }

// start starts the server over the same directory, at the same address.
func (h *harness) start() {
	h.t.Helper()
	reliability.ServerGone()
	h.Restart(h.t)
}

// crash kills the server and starts it again.
func (h *harness) crash() {
	h.t.Helper()
	h.Kill()
	if strings.Contains(h.Log(), "DATA RACE") {
		h.t.Error(h.Log())
	}
	h.start()
}

func (h *harness) publishers(name string, retry bool) *reliability.Publishers {
	return &reliability.Publishers{Name: name, Topic: "ops", Token: h.token, Base: h.url, History: h.hist, Retry: retry}
}

// publish publishes one message that has to be accepted and records it.
func (h *harness) publish(body string) reliability.Message {
	h.t.Helper()
	c := h.send(body)
	if c.Status != 200 {
		h.t.Fatalf("publish %q = %d %s", body, c.Status, c.Answer)
	}
	var reply struct{ ID string }
	if err := json.Unmarshal(c.Answer, &reply); err != nil {
		h.t.Fatal(err)
	}
	m := reliability.Message{ID: reply.ID, Body: body}
	h.hist.Ack(m)
	return m
}

// send publishes one message, whatever the answer.
func (h *harness) send(body string) *reliability.Call {
	h.t.Helper()
	c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: body, Header: map[string]string{"X-Topic-Token": h.token}}
	if err := c.Do(); err != nil {
		h.t.Fatalf("publish %q: %v", body, err)
	}
	return c
}

func (h *harness) get(path string) *reliability.Call {
	h.t.Helper()
	c := &reliability.Call{Method: "GET", URL: h.url() + path}
	if err := c.Do(); err != nil {
		h.t.Fatalf("GET %s: %v", path, err)
	}
	return c
}

func (h *harness) messages() []reliability.Message {
	h.t.Helper()
	return reliability.Log(h.t, h.url(), "ops", h.token)
}

// check runs the checker over what was recorded against the topic's log now.
func (h *harness) check() {
	h.t.Helper()
	found := h.hist.Check(h.messages())
	for i, v := range found {
		if i == 10 {
			h.t.Errorf("... and %d more", len(found)-10)
			break
		}
		h.t.Error(v)
	}
}

// followers starts n subscribers per transport; stop waits until each has the newest message, ends them and records that.
func (h *harness) followers(n int, base func() string, silence time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	var all sync.WaitGroup
	var names []string
	for _, via := range []reliability.Transport{reliability.SSE, reliability.WS, reliability.Poll} {
		for i := range n {
			s := &reliability.Subscriber{Name: fmt.Sprint(via, i), Topic: "ops", Token: h.token, Via: via, Base: base,
				From: h.from(), History: h.hist, Silence: silence}
			names = append(names, s.Name)
			all.Go(func() { s.Run(ctx) })
		}
	}
	return func() {
		h.t.Helper()
		h.awaitAll(names)
		cancel()
		all.Wait()
		for _, name := range names {
			h.hist.Record(reliability.Event{Client: name, Kind: reliability.CaughtUp})
		}
	}
}

// from is where followers begin: at the first message, or with recent set at the newest.
func (h *harness) from() string {
	if h.recent {
		return h.newest()
	}
	return reliability.All
}

// newest is the id of the newest message, or reliability.All where there is none.
func (h *harness) newest() string {
	h.t.Helper()
	var page []struct{ ID string }
	c := h.get("/ops/json?limit=1&token=" + h.token)
	if err := json.Unmarshal(c.Answer, &page); err != nil {
		h.t.Fatalf("the newest message: %d %s: %v", c.Status, c.Answer, err)
	}
	if len(page) == 0 {
		return reliability.All
	}
	return page[0].ID
}

// awaitAll waits until every named subscriber has got the newest message. One that gets nothing for a minute is stuck;
// one that is behind may take longer, as under the race detector.
func (h *harness) awaitAll(names []string) {
	h.t.Helper()
	newest := h.newest()
	if newest == reliability.All {
		return
	}
	for _, name := range names {
		for at := h.hist.Newest(name); at < newest; at = h.hist.Newest(name) {
			if err := run.Await(run.Patience, func() bool { return h.hist.Newest(name) > at }); err != nil {
				h.t.Errorf("%s came to %s, want %s: %v", name, at, newest, err)
				break
			}
		}
	}
}

// pause lets a random time pass: a sleep, since faults must strike at any moment.
func pause(from, to time.Duration) { time.Sleep(from + rand.N(to-from)) }

// during runs publishers while act does, and returns when both have ended.
func during(p *reliability.Publishers, n int, act func()) {
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { p.Run(ctx, n) })
	act()
	stop()
	done.Wait()
}
