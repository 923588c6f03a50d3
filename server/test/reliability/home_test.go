package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notifer/server/test/reliability"
)

// slack is what a busy machine may add to a time that is promised.
const slack = 3 * time.Second

// home is a server with an admin, the private topic "ops" and a token for it.
type home struct {
	t     *testing.T
	bin   string
	dir   string
	env   []string
	args  []string
	proc  *reliability.Process
	admin *reliability.Account
	token string
	base  atomic.Pointer[string]
	hist  *reliability.History

	scheme string
	serial int  // numbers the bodies of this test
	recent bool // followers begin at the newest message
}

type option func(*home)

func inDir(dir string) option        { return func(h *home) { h.dir = dir } }
func withTags(tags ...string) option { return func(h *home) { h.bin = binary(h.t, tags...) } }
func withArgs(args ...string) option { return func(h *home) { h.args = append(h.args, args...) } }
func withEnv(env ...string) option   { return func(h *home) { h.env = append(h.env, env...) } }

// withTLS serves a self-signed certificate.
func withTLS() option {
	return func(h *home) {
		cert, key := certificate(h.t)
		h.scheme = "https"
		withArgs("--tls-cert", cert, "--tls-key", key)(h)
	}
}

// withFault uses the build that can be told to break a promise, and tells it which.
func withFault(fault string) option {
	return func(h *home) {
		withTags(reliability.Faulty)(h)
		withEnv("NOTIFER_FAULT=" + fault)(h)
	}
}

func newHome(t *testing.T, options ...option) *home {
	t.Helper()
	h := &home{t: t, hist: &reliability.History{}, scheme: "http"}
	for _, o := range options {
		o(h)
	}
	if h.bin == "" {
		h.bin = binary(t)
	}
	if h.dir == "" {
		h.dir = t.TempDir() + "/data"
	}
	email, password := reliability.AddUser(t, h.bin, h.dir, "ann")
	h.start()
	h.admin = reliability.SignIn(t, h.url(), email, password)
	h.admin.Topic(t, "ops", "private")
	_, h.token = h.admin.Token(t, "ops", "publish", "subscribe")
	return h
}

func (h *home) url() string { return *h.base.Load() }

// start starts the server over the same directory; the port is a new one.
func (h *home) start() {
	h.t.Helper()
	h.proc = reliability.ServeEnv(h.t, h.bin, h.dir, h.env, h.args...)
	base := h.scheme + "://" + h.proc.Addr
	h.base.Store(&base)
	if h.admin != nil {
		h.admin.Base = base
	}
}

// crash kills the server and starts it again.
func (h *home) crash() {
	h.t.Helper()
	h.proc.Kill()
	if strings.Contains(h.proc.Log(), "DATA RACE") {
		h.t.Error(h.proc.Log())
	}
	h.start()
}

func (h *home) publishers(name string, retry bool) *reliability.Publishers {
	return &reliability.Publishers{Name: name, Topic: "ops", Token: h.token, Base: h.url, History: h.hist, Retry: retry}
}

// publish publishes one message that has to be accepted and records it.
func (h *home) publish(body string) reliability.Message {
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
func (h *home) send(body string) *reliability.Call {
	h.t.Helper()
	c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: body, Header: map[string]string{"X-Topic-Token": h.token}}
	if err := c.Do(); err != nil {
		h.t.Fatalf("publish %q: %v", body, err)
	}
	return c
}

func (h *home) get(path string) *reliability.Call {
	h.t.Helper()
	c := &reliability.Call{Method: "GET", URL: h.url() + path}
	if err := c.Do(); err != nil {
		h.t.Fatalf("GET %s: %v", path, err)
	}
	return c
}

func (h *home) log() []reliability.Message {
	h.t.Helper()
	return reliability.Log(h.t, h.url(), "ops", h.token)
}

// check runs the checker over what was recorded against the topic's log now.
func (h *home) check() {
	h.t.Helper()
	found := h.hist.Check(h.log())
	for i, v := range found {
		if i == 10 {
			h.t.Errorf("... and %d more", len(found)-10)
			break
		}
		h.t.Error(v)
	}
}

// followers starts n subscribers per transport; stop waits until each has the newest message, ends them and records that.
func (h *home) followers(n int, base func() string, silence time.Duration) (stop func()) {
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
func (h *home) from() string {
	if h.recent {
		return h.newest()
	}
	return reliability.All
}

// newest is the id of the newest message, or reliability.All where there is none.
func (h *home) newest() string {
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
func (h *home) awaitAll(names []string) {
	h.t.Helper()
	newest := h.newest()
	if newest == reliability.All {
		return
	}
	for _, name := range names {
		for at := h.hist.Newest(name); at < newest; at = h.hist.Newest(name) {
			if err := reliability.Await(time.Minute, func() bool { return h.hist.Newest(name) > at }); err != nil {
				h.t.Errorf("%s came to %s, want %s: %v", name, at, newest, err)
				break
			}
		}
	}
}

// pause waits for a random time, for faults that must strike at any moment.
func pause(from, to time.Duration) {
	<-time.After(from + rand.N(to-from))
}

// during runs publishers while act does, and returns when both have ended.
func during(p *reliability.Publishers, n int, act func()) {
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { p.Run(ctx, n) })
	act()
	stop()
	done.Wait()
}
