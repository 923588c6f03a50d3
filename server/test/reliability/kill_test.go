package reliability_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// TestKillLoop is P1, P4 and P7: under load the server is killed again and again, and nothing acknowledged is lost, doubled or
// out of order for anybody.
func TestKillLoop(t *testing.T)     { killLoop(t, 10) }
func TestLongKillLoop(t *testing.T) { needLong(t); killLoop(t, 200) }

func killLoop(t *testing.T, kills int) {
	h := newHarness(t)
	stop := h.followers(2, h.url, 0)
	plain, retrying := h.publishers("plain", false), h.publishers("retry", true)
	during(plain, 4, func() {
		during(retrying, 4, func() {
			for range kills {
				pause(50*time.Millisecond, 800*time.Millisecond)
				h.crash()
			}
			pause(50*time.Millisecond, 800*time.Millisecond)
		})
	})
	stop()
	h.check()
	acks := len(h.hist.Acks())
	if acks == 0 || retrying.Unanswered() == 0 {
		t.Errorf("%d acknowledged, %d cut off: the kills met no load", acks, retrying.Unanswered())
	}
	out, code := run.Run(t, h.Bin, "check", "--data-dir", h.Dir)
	if code != 0 {
		t.Errorf("notifer check after %d kills: exit %d\n%s", kills, code, out)
	}
	t.Logf("%d kills, %d acknowledged, %d cut off, 0 lost", kills, acks, plain.Unanswered()+retrying.Unanswered())
}

// TestKillAnywhere kills the first start and the shutdown at random moments; the next start has to work.
func TestKillAnywhere(t *testing.T)     { t.Parallel(); killAnywhere(t, 10) }
func TestLongKillAnywhere(t *testing.T) { needLong(t); killAnywhere(t, 100) }

func killAnywhere(t *testing.T, rounds int) {
	for i := range rounds {
		dir := fmt.Sprint(t.TempDir(), "/data", i)
		p := run.Launch(t, run.In(dir))
		pause(0, 120*time.Millisecond)
		p.Kill()
		again := run.Start(t, run.In(dir))
		stopped := make(chan struct{})
		go func() { again.Stop(t); close(stopped) }()
		pause(0, 30*time.Millisecond)
		again.Kill()
		<-stopped
		run.Start(t, run.In(dir)).Kill()
	}
}

// TestRetryMakesNoDouble is P7: one key is one message, at the same time, later, and after a crash; another body is refused.
func TestRetryMakesNoDouble(t *testing.T) {
	h := newHarness(t)
	send := func(body string) *reliability.Call {
		t.Helper()
		c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: body,
			Header: map[string]string{"X-Topic-Token": h.token, "X-Idempotency-Key": "night-1"}}
		if err := c.Do(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if c := send("once"); c.Status != 200 {
				t.Errorf("publish with a key = %d %s", c.Status, c.Answer)
			}
		})
	}
	all.Wait()
	first := send("once")
	h.crash()
	if c := send("once"); c.Status != 200 || string(c.Answer) != string(first.Answer) {
		t.Errorf("after a crash: %d %s, want %s", c.Status, c.Answer, first.Answer)
	}
	if c := send("another"); c.Status != 409 {
		t.Errorf("same key, other body = %d %s, want 409", c.Status, c.Answer)
	}
	if log := h.messages(); len(log) != 1 {
		t.Errorf("the log has %v, want one message", log)
	}
}

// TestKillsDuringRetention kills the server while it deletes, at the same time as it publishes: the store stays sound, ids go on
// rising, and the topic's count is the number of messages that are left.
func TestKillsDuringRetention(t *testing.T) {
	t.Parallel()
	h := newHarness(t, run.Using(reliability.Faulty.Path(t)), run.Args("--retention-size", "300KiB"),
		run.Env(faults.Haste+"=60000", faults.Quiet+"=0s"))
	const early = 160
	h.publishMany(early)
	for range 6 {
		during(h.publishers("load", false), 16, func() {
			pause(100*time.Millisecond, 600*time.Millisecond)
			h.crash()
		})
	}
	h.Stop(t)
	if out, code := run.Run(t, h.Bin, "check", "--data-dir", h.Dir); code != 0 {
		t.Errorf("notifer check: exit %d\n%s", code, out)
	}
	h.Env = nil
	h.start()
	log := h.messages()
	for _, v := range reliability.Check(log, nil, nil) {
		if !strings.Contains(v.Text, "stored twice") { // each round numbers its messages anew
			t.Error(v)
		}
	}
	var topic struct {
		Count int `json:"message_count"`
	}
	h.admin.Must(t, "GET", "/api/topics/ops", nil, &topic)
	acks := h.hist.Acks()
	if topic.Count != len(log) || len(log) >= early+len(acks) {
		t.Errorf("the topic counts %d messages, has %d, of %d published; want equal and fewer", topic.Count, len(log), early+len(acks))
	}
	if last := h.publish("last"); len(acks) > 0 && last.ID <= acks[len(acks)-1].ID {
		t.Errorf("id %s follows %s", last.ID, acks[len(acks)-1].ID)
	}
}
