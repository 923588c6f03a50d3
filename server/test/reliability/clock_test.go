package reliability_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/reliability/faults"
	"notifer/server/test/run"
)

// TestClockJumps is P19: with a wall clock that jumps about, order holds and nothing is purged.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	setClock(t, file, "0s")
	// The purge looks ten times a second, and waits five seconds after the start and after a jump.
	h := newHarness(t, run.Using(reliability.Faulty.Path(t)), run.Args("--retention-age", "24h"),
		run.Env(faults.Shift+"="+file, faults.Haste+"=6000", faults.Quiet+"=5s"))
	stop := h.followers(1, h.url, 0)
	expired := h.expiredToken()
	h.publish("before")
	time.Sleep(6 * time.Second) // the time after the start in which the clock is not trusted is over
	ended := false
	for _, shift := range []string{"1h", "-1h", "25h", "-25h", "87600h", "-87600h", "0s"} {
		setClock(t, file, shift)
		during(h.publishers("at"+shift, false), 4, func() { time.Sleep(150 * time.Millisecond) })
		if status := h.statusWith(expired); status != 401 {
			t.Errorf("a token that had expired = %d at a clock of %s, want 401", status, shift)
		}
		ahead := shift == "25h" || shift == "87600h" // beyond the lifetime of an access token
		switch c := h.admin.Send(t, "GET", "/api/topics/my", nil); {
		case ahead && c.Status != 401:
			t.Errorf("a user who signed in before the clock was set = %d at a clock of %s, want 401", c.Status, shift)
		case ahead:
			ended = true
		case ended && c.Status != 401:
			t.Errorf("a user whose access token had ended = %d at a clock of %s, want 401", c.Status, shift)
		case !ended && c.Status != 200:
			t.Errorf("a signed-in user = %d at a clock of %s, want 200", c.Status, shift)
		}
	}
	stop()
	h.check()
	if noticed := strings.Count(h.Log(), "the clock has jumped"); noticed == 0 {
		t.Errorf("no jump was noticed:\n%s", h.Log())
	}
}

// expiredToken makes a token that lives a second, and waits until that is over.
func (h *harness) expiredToken() string {
	h.t.Helper()
	var reply struct{ Token string }
	h.admin.Must(h.t, "POST", "/api/topics/ops/access-tokens", map[string]any{"name": "short", "permissions": []string{"publish"},
		"expires_at": time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)}, &reply)
	if err := run.Await(run.Patience, func() bool { return h.statusWith(reply.Token) == 401 }); err != nil {
		h.t.Errorf("a token of one second does not expire: %v", err)
	}
	return reply.Token
}

// statusWith publishes nothing with a token and returns the status: 401 or, since no text is refused, 422.
func (h *harness) statusWith(token string) int {
	h.t.Helper()
	c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Header: map[string]string{"X-Topic-Token": token}}
	if err := c.Do(); err != nil {
		h.t.Fatal(err)
	}
	return c.Status
}

func setClock(t *testing.T, file, shift string) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte(shift), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// TestIdsAfterRetention: ids given once are not given again after the messages went, also when the clock has stepped back.
func TestIdsAfterRetention(t *testing.T) {
	t.Parallel()
	if again := idsAfterRetention(t, ""); again != "" {
		t.Error(again)
	}
}

// TestIdsAfterRetentionCatchesReuse proves that the harness can fail.
func TestIdsAfterRetentionCatchesReuse(t *testing.T) {
	t.Parallel()
	if idsAfterRetention(t, "forget-highest") == "" {
		t.Error("ids that start again below deleted ones broke no rule: the harness is blind")
	}
}

// idsAfterRetention lets everything be purged, restarts with an earlier clock, and says what a resuming reader then misses.
func idsAfterRetention(t *testing.T, fault string) string {
	h, clock := purgingHarness(t, fault)
	h.publish("one")
	last := h.publish("two")
	h.purge(clock)
	h.Stop(t)
	setClock(t, clock, "-1h")
	h.start()
	next := h.publish("next")
	if next.ID <= last.ID {
		return "the id " + next.ID + " is given after " + last.ID
	}
	got, err := reliability.ReadLog(h.url(), "ops", h.token, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != next {
		return "a reader at " + last.ID + " does not get " + next.ID + ", published after it"
	}
	return ""
}

// TestResumeAfterRetention is P6 for messages that retention took: a reader at a purged place is told "earliest".
func TestResumeAfterRetention(t *testing.T) {
	t.Parallel()
	h, clock := purgingHarness(t, "")
	first, last := h.publish("one"), h.publish("two")
	h.purge(clock)
	next := h.publish("three")
	for _, row := range []struct{ from, echo string }{{first.ID, "earliest"}, {last.ID, last.ID}} {
		if header, got := h.firstAfter(row.from); header != row.echo || got != next.ID {
			t.Errorf("resume after %s: X-Last-Event-ID %q, first message %s; want %q, %s", row.from, header, got, row.echo, next.ID)
		}
	}
}

// purgingHarness keeps messages for an hour of a clock that a file moves, and deletes as soon as that is over.
func purgingHarness(t *testing.T, fault string) (h *harness, clock string) {
	t.Helper()
	clock = filepath.Join(t.TempDir(), "clock")
	setClock(t, clock, "0s")
	return newHarness(t, withFault(t, fault), run.Args("--retention-age", "1h"),
		run.Env(faults.Shift+"="+clock, faults.Haste+"=6000", faults.Quiet+"=0s")), clock
}

// purge moves the clock two hours on and waits until everything has been deleted.
func (h *harness) purge(clock string) {
	h.t.Helper()
	setClock(h.t, clock, "2h")
	if err := run.Await(run.Patience, func() bool { return len(h.messages()) == 0 }); err != nil {
		h.t.Fatalf("retention deleted nothing: %v\n%s", err, h.Log())
	}
}
