package reliability_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

var replicaFine = regexp.MustCompile(`(?m)^ok +replica `)

var losses = flag.Int("losses", 20, "how often TestLongDiskLoss takes the store's disk away")

// TestDiskLoss is P27: the disk of the store is gone under load, and the store comes back from the replica that Litestream keeps, with
// every message that was acknowledged more than two seconds before, and in the long form one second.
func TestDiskLoss(t *testing.T)     { diskLoss(t, 3, 2*time.Second) }
func TestLongDiskLoss(t *testing.T) { needLong(t); diskLoss(t, *losses, time.Second) }

// replicated is a server whose store Litestream copies, by the configuration that `notifer init` prints.
type replicated struct {
	*harness
	program, config, replica, runtime string
	env                               []string

	pull func() // kills Litestream
	stop func() // waits for its end
	mu   sync.Mutex
	acks map[string]time.Time     // body -> when its 200 was read
	late map[string]time.Duration // body -> how long before the loss it was acknowledged, of those that are not promised
	slow time.Duration            // the longest that a publish took: what the machine adds to every time

	proved int // messages of this round that are promised
}

func newReplicated(t *testing.T) *replicated {
	program, err := exec.LookPath("litestream")
	if err != nil {
		t.Skip("skipped: litestream is not installed: go install github.com/benbjohnson/litestream/cmd/litestream@v0.5.18")
	}
	dir := t.TempDir()
	runtime, err := os.MkdirTemp("", "ls") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(runtime) })
	r := &replicated{program: program, config: filepath.Join(dir, "litestream.yml"), replica: filepath.Join(dir, "replica"), runtime: runtime, acks: map[string]time.Time{}}
	r.env = append(os.Environ(), "RUNTIME_DIRECTORY="+runtime)
	r.harness = newHarness(t, run.Env("NOTIFER_REPLICA_SOCKET="+filepath.Join(runtime, "litestream.sock")))
	text, code := run.Run(t, r.Bin, "init", "litestream", "--replica", r.replica, "--data", r.Dir)
	if code != 0 {
		t.Fatalf("notifer init litestream = %d %s", code, text)
	}
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// replicate starts Litestream.
func (r *replicated) replicate() {
	r.t.Helper()
	cmd := exec.Command(r.program, "replicate", "-config", r.config)
	cmd.Env = r.env
	log := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = log, log
	run.Child(r.t, cmd)
	r.pull = func() { cmd.Process.Kill() }
	r.stop = func() {
		cmd.Wait()
		if strings.Contains(log.String(), "level=ERROR") {
			r.t.Errorf("Litestream:\n%s", log.String())
		}
	}
}

// load publishes until ctx ends.
func (r *replicated) load(ctx context.Context, name string) {
	for i := 0; ctx.Err() == nil; i++ {
		body := fmt.Sprintf("%s-%d", name, i)
		began := time.Now()
		c := &reliability.Call{Method: "POST", URL: r.url() + "/ops", Body: body, Header: map[string]string{"X-Topic-Token": r.token}}
		if err := c.Do(); err != nil || c.Status != 200 {
			continue
		}
		now := time.Now()
		r.mu.Lock()
		r.acks[body], r.slow = now, max(r.slow, now.Sub(began))
		r.mu.Unlock()
	}
}

// loseDisk kills both programs and deletes the store. What was acknowledged too shortly before to be promised is forgotten.
func (r *replicated) loseDisk(promised time.Duration) {
	cut := time.Now()
	r.pull()
	r.Kill() // at the same moment
	r.stop()
	if err := os.RemoveAll(r.Dir); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late, r.proved = map[string]time.Duration{}, 0
	for body, at := range r.acks {
		switch age := cut.Sub(at); {
		case age <= promised+r.slow:
			r.late[body] = age
			delete(r.acks, body)
		case !at.IsZero():
			r.proved++
		}
	}
	if r.proved == 0 {
		r.t.Errorf("no message of this round was acknowledged more than %v before the loss", promised+r.slow)
	}
}

// restore brings the store back as the documentation says.
func (r *replicated) restore() {
	r.t.Helper()
	copied := filepath.Join(r.runtime, "restored.db")
	defer os.Remove(copied)
	cmd := exec.Command(r.program, "restore", "-config", r.config, "-o", copied, filepath.Join(r.Dir, "notifer.db"))
	cmd.Env = r.env
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("litestream restore: %v\n%s", err, out)
	}
	if out, code := run.Run(r.t, r.Bin, "restore", copied, "--data-dir", r.Dir); code != 0 {
		r.t.Fatalf("notifer restore = %d %s", code, out)
	}
	r.start()
}

func (r *replicated) verify(round int) {
	r.t.Helper()
	stored := map[string]bool{}
	for _, m := range r.messages() {
		stored[m.Body] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := 0
	for body, at := range r.acks {
		if !stored[body] {
			if missing++; missing < 4 {
				r.t.Errorf("loss %d: %s of %s is gone", round, body, at.Format("15:04:05.000"))
			}
		}
	}
	if missing > 0 {
		r.t.Errorf("loss %d: %d of %d are gone", round, missing, len(r.acks))
	}
	for body := range stored { // what came back stays
		r.acks[body] = time.Time{}
	}
	lost := time.Duration(0)
	for body, age := range r.late {
		if !stored[body] {
			lost = max(lost, age)
		}
	}
	r.t.Logf("loss %d: %d messages are back, among them all %d of this round that are promised; the last %v were lost", round, len(stored), r.proved, lost.Round(time.Millisecond))
}

func (r *replicated) status(token string) int {
	r.t.Helper()
	c := &reliability.Call{Method: "GET", URL: r.url() + "/ops/json?limit=1", Header: map[string]string{"X-Topic-Token": token}}
	if err := c.Do(); err != nil {
		r.t.Fatal(err)
	}
	return c.Status
}

func diskLoss(t *testing.T, rounds int, promise time.Duration) {
	r := newReplicated(t)
	for round := range rounds {
		r.replicate()
		id, revoked := r.admin.Token(t, "ops", "subscribe")
		_, kept := r.admin.Token(t, "ops", "subscribe")
		r.admin.Must(t, "DELETE", "/api/topics/ops/access-tokens/"+id, nil, nil)
		ctx, cut := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() { r.load(ctx, fmt.Sprintf("%d-%d", round, i)) })
		}
		r.awaitReplica() // not just before the loss: it takes turns from the load
		promised := run.Scale(t, promise)
		pause(promised+500*time.Millisecond+2*r.slow, promised+2*time.Second+2*r.slow)
		r.loseDisk(promised)
		cut()
		all.Wait()
		r.restore()
		r.verify(round)
		if got := r.status(revoked); got != 401 {
			t.Errorf("loss %d: the revoked token = %d, want 401", round, got)
		}
		if got := r.status(kept); got != 200 {
			t.Errorf("loss %d: the new token = %d, want 200", round, got)
		}
	}
	if out, code := run.Run(t, r.Bin, "check", "--data-dir", r.Dir); code != 0 {
		t.Errorf("notifer check after %d losses: exit %d\n%s", rounds, code, out)
	}
}

// awaitReplica waits until the doctor sees the replica, and that it is not behind.
func (r *replicated) awaitReplica() {
	r.t.Helper()
	run.Until(r.t, "the doctor does not see the replica", func() bool {
		cmd := exec.Command(r.Bin, "doctor", "--data-dir", r.Dir, "--url", r.url())
		cmd.Env = append(os.Environ(), r.Env...)
		out, _ := cmd.CombinedOutput() // other checks may be bad here
		return replicaFine.Match(out)
	})
}
