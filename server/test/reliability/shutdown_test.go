package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestShutdown is P10: under load, with open streams and peers that never answer, the server answers what it accepted, folds the WAL
// and exits 0 within 5 s.
func TestShutdown(t *testing.T)     { shutdown(t, 60, 20) }
func TestLongShutdown(t *testing.T) { needLong(t); shutdown(t, 500, 50) }

func shutdown(t *testing.T, streams, dead int) {
	h := newHarness(t, run.Args("--limits-streams-per-address", "2000", "--limits-streams-per-credential", "2000"))
	h.publishMany(64)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all sync.WaitGroup
	for i := range streams {
		s := &reliability.Subscriber{Name: fmt.Sprint("s", i), Topic: "ops", Token: h.token, Base: h.url, History: h.hist,
			Via: []reliability.Transport{reliability.SSE, reliability.WS}[i%2], From: reliability.All, Silence: time.Minute}
		all.Go(func() { s.Run(ctx) })
	}
	ends := h.cleanEnds(ctx)
	h.deadPeers(dead)
	if err := run.Await(run.Patience, func() bool { return h.hist.Newest(fmt.Sprint("s", streams-1)) != "" }); err != nil {
		t.Fatal(err)
	}
	p := h.publishers("load", false)
	var code int
	var took time.Duration
	during(p, 8, func() {
		time.Sleep(300 * time.Millisecond) // under load
		start := time.Now()
		code = h.Stop(t)
		took = time.Since(start)
	})
	ends()
	cancel()
	all.Wait()
	if code != 0 || took > 5*time.Second+slack(t) {
		t.Errorf("SIGTERM: exit %d after %v, want 0 within 5 s\n%s", code, took, h.Log())
	}
	for status, n := range p.Statuses() {
		if status != 200 && status != 503 {
			t.Errorf("%d publishes answered %d", n, status)
		}
	}
	if info, err := os.Stat(filepath.Join(h.Dir, "notifer.db-wal")); err == nil && info.Size() > 0 {
		t.Errorf("the WAL still has %d bytes after the shutdown", info.Size())
	}
	h.start()
	h.check()
	t.Logf("%d streams, %d dead peers: exit %d after %v", streams, dead, code, took)
}

// cleanEnds opens a stream of each kind; the function it returns checks that both were told of the end.
func (h *harness) cleanEnds(ctx context.Context) func() {
	h.t.Helper()
	ends := map[reliability.Transport]error{reliability.SSE: nil, reliability.WS: nil}
	var mu sync.Mutex
	var all, ready sync.WaitGroup
	for via := range ends {
		s := &reliability.Subscriber{Name: "end " + string(via), Topic: "ops", Token: h.token, Base: h.url, History: h.hist,
			Via: via, From: reliability.All, Silence: time.Minute}
		ready.Add(1)
		all.Go(func() {
			err := s.Once(ctx, ready.Done)
			mu.Lock()
			defer mu.Unlock()
			ends[via] = err
		})
	}
	ready.Wait()
	return func() {
		h.t.Helper()
		all.Wait()
		if err := ends[reliability.SSE]; !errors.Is(err, io.EOF) {
			h.t.Errorf("SSE at the shutdown: %v, want a clean end", err)
		}
		if err := ends[reliability.WS]; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			h.t.Errorf("WebSocket at the shutdown: %v, want close code 1001", err)
		}
	}
}

// deadPeers opens sockets that never answer: half a request, a stalled stream, a stalled WebSocket.
func (h *harness) deadPeers(n int) {
	h.t.Helper()
	for i := range n {
		switch i % 3 {
		case 0:
			reliability.Stall(h.t, h.Addr, "/ops/sse?since=all&token="+h.token)
		case 1:
			reliability.Stall(h.t, h.Addr, "/ops/ws?since=all&token="+h.token, reliability.Upgrade...)
		case 2:
			conn, err := net.Dial("tcp", h.Addr)
			if err != nil {
				h.t.Fatal(err)
			}
			h.t.Cleanup(func() { conn.Close() })
			fmt.Fprintf(conn, "POST /ops HTTP/1.1\r\nHost: x\r\nX-Topic-Token: %s\r\nContent-Length: 100\r\n\r\nhalf", h.token)
		}
	}
}

// TestSecondServer is P18: a second server on the directory gives up at once and says who holds it; a kill frees it.
func TestSecondServer(t *testing.T) {
	h := newHarness(t)
	start := time.Now()
	second := run.Launch(t, run.Using(h.Bin), run.In(h.Dir))
	code, err := second.Wait(time.Minute)
	if err != nil || code != 1 || !strings.Contains(second.Log(), fmt.Sprint(h.Pid())) {
		t.Errorf("second server: exit %d, %v, want 1 and process %d\n%s", code, err, h.Pid(), second.Log())
	}
	if took := time.Since(start); took > 2*time.Second+slack(t) {
		t.Errorf("second server gave up after %v, want 2 s", took)
	}
	h.publish("the first one is unharmed")
	h.crash()
	h.publish("and the lock was free")
}

// TestRevokeSurvivesACrash is P26: 204, then kill -9: still 401; and all open streams of the token are closed within a second.
func TestRevokeSurvivesACrash(t *testing.T) {
	h := newHarness(t)
	id, secret := h.admin.Token(t, "ops", "publish", "subscribe")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	var ready sync.WaitGroup
	for range 50 {
		ready.Add(1)
		all.Go(func() { h.untilRevoked(ctx, secret, &ready) })
	}
	ready.Wait()
	h.publishMany(160)
	h.admin.Must(t, "DELETE", "/api/topics/ops/access-tokens/"+id, nil, nil)
	start := time.Now()
	after := h.publish("after the revocation")
	all.Wait()
	took := time.Since(start)
	if h.hist.Newest("revoked") >= after.ID {
		t.Error("a revoked stream got a message published after the 204")
	}
	if took > time.Second+slack(t) {
		t.Errorf("50 streams of a revoked token ended after %v, want 1 s", took)
	}
	h.Signal(syscall.SIGKILL)
	h.crash()
	c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: "x", Header: map[string]string{"X-Topic-Token": secret}}
	if err := c.Do(); err != nil || c.Status != 401 {
		t.Errorf("revoked token after a crash = %d, %v; want 401", c.Status, err)
	}
}

// untilRevoked follows a stream to its end.
func (h *harness) untilRevoked(ctx context.Context, token string, ready *sync.WaitGroup) {
	s := &reliability.Subscriber{Name: "revoked", Topic: "ops", Token: token, Base: h.url, History: h.hist, Via: reliability.SSE, Silence: time.Minute}
	s.Once(ctx, ready.Done)
}

// TestTopicMadeAgainSharesNothing is P20.
func TestTopicMadeAgainSharesNothing(t *testing.T) {
	h := newHarness(t)
	old := h.publish("old")
	h.admin.Must(t, "DELETE", "/api/topics/ops", nil, nil)
	h.admin.Topic(t, "ops", "private")
	if c := h.send("x"); c.Status != 401 {
		t.Errorf("token of the deleted topic = %d, want 401", c.Status)
	}
	_, h.token = h.admin.Token(t, "ops", "publish", "subscribe")
	fresh := h.publish("new")
	if log := h.messages(); len(log) != 1 || log[0] != fresh {
		t.Errorf("the new topic has %v, want %v alone", log, fresh)
	}
	if header, first := h.firstAfter(old.ID); header != "earliest" || first != fresh.ID {
		t.Errorf("resume after an id of the deleted topic: %q, first %s; want earliest and %s", header, first, fresh.ID)
	}
}
