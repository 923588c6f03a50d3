package clients_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/run"
)

// messages is how many each library has to get, once each and in order.
const messages = 1000

// stillness is how long a library may get nothing before it counts as stuck, and altogether how long it may take.
const (
	stillness  = 20 * time.Second
	altogether = 4 * time.Minute
)

// TestLibrariesLoseNothing: the order of an event's lines, what stands in the opening block and what a heartbeat is decide whether
// libraries resume where they stopped.
func TestLibrariesLoseNothing(t *testing.T) {
	for _, row := range []struct {
		language, library string
		whole             bool
	}{
		{"node", "eventsource", false}, {"node", "undici", false}, {"node", "eventsource-client", false},
		{"node", "launchdarkly-eventsource", false}, {"go", "tmaxmax", false}, {"go", "launchdarkly", false},
		{"node", "eventsource-2", true}, {"node", "fetch-event-source", true}, {"go", "r3labs", true},
	} {
		t.Run(row.library, func(t *testing.T) {
			t.Parallel()
			follow(t, reader(t, row.language), row.library, row.whole)
		})
	}
}

func follow(t *testing.T, program []string, library string, whole bool) {
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "ops", "private")
	_, token := s.AddToken(t, jwt, "ops", "both", "publish", "subscribe")
	r := newRelay(t, s.Addr, whole)
	got := start(t, append(program, library, "http://"+r.addr+"/ops/sse", token))
	run.Until(t, "the stream is open", func() bool { return streams(t, s, jwt) > 0 })
	want := publish(t, s, token)
	got.await(t, len(want))
	compare(t, want, got.lines())
	if r.count() < messages/20 {
		t.Errorf("%d connections were cut: that was no test", r.count())
	}
	t.Logf("%d messages over %d cut connections", len(want), r.count())
}

func streams(t *testing.T, s *run.Server, jwt string) int {
	t.Helper()
	var topic struct {
		Open int `json:"subscriber_count"`
	}
	s.JSON(t, "GET", "/api/topics/ops", jwt, nil, &topic)
	return topic.Open
}

// publish sends the messages, some of them longer than a small buffer, while the library follows.
func publish(t *testing.T, s *run.Server, token string) []string {
	t.Helper()
	var sent []string
	for i := range messages {
		text := fmt.Sprintf("%04d %s", i, strings.Repeat("x", i*37%300))
		if code, answer := s.Publish(t, "ops", token, text); code != 200 {
			t.Fatalf("publish = %d %s", code, answer)
		}
		sent = append(sent, text)
	}
	return sent
}

// compare says which messages are missing, double or out of order.
func compare(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	seen := map[string]int{}
	for _, text := range got {
		seen[text]++
	}
	lost, double := 0, 0
	for _, text := range want {
		switch n := seen[text]; {
		case n == 0:
			lost++
		case n > 1:
			double++
		}
	}
	t.Errorf("%d lines for %d messages: %d lost, %d double (otherwise out of order)", len(got), len(want), lost, double)
}

// output is what a library's program has printed so far.
type output struct {
	mu   sync.Mutex
	all  []string
	errs strings.Builder
}

func start(t *testing.T, command []string) *output {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	o := &output{}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &o.errs
	stop := run.Child(t, cmd)
	var done sync.WaitGroup
	t.Cleanup(func() {
		stop()
		done.Wait()
		if t.Failed() {
			t.Logf("%s said: %.2000s", command, o.errs.String())
		}
	})
	done.Go(func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			o.mu.Lock()
			o.all = append(o.all, lines.Text())
			o.mu.Unlock()
		}
	})
	return o
}

func (o *output) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// await returns when there are n lines and a moment has passed in which a double could come, or when nothing has come for long.
func (o *output) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(altogether); time.Now().Before(end); {
		before := len(o.lines())
		if before >= n {
			time.Sleep(300 * time.Millisecond)
			return
		}
		if err := run.Await(stillness, func() bool { return len(o.lines()) > before }); err != nil {
			t.Logf("stuck at %d of %d: %v", before, n, err)
			return
		}
	}
}
