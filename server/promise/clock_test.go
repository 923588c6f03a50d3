package promise_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/promise"
)

// TestClockJumps is P19: with a wall clock that jumps about, order holds and nothing is purged.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	setClock(t, file, "0s")
	// The purge looks ten times a second, and waits five seconds after the start and after a jump.
	h := newHome(t, withTags("faulttest"), withArgs("--retention-age", "24h"),
		withEnv("NOTIFER_FAULT_CLOCK="+file, "NOTIFER_FAULT_HURRY=6000", "NOTIFER_FAULT_QUIET=5s"))
	stop := h.followers(1, h.url, 0)
	h.publish("before")
	<-time.After(6 * time.Second)
	for _, shift := range []string{"1h", "-1h", "25h", "-25h", "87600h", "-87600h", "0s"} {
		setClock(t, file, shift)
		during(h.publishers("at"+shift, false), 4, func() { <-time.After(150 * time.Millisecond) })
	}
	stop()
	h.check()
	if noticed := strings.Count(h.proc.Log(), "the clock has jumped"); noticed == 0 {
		t.Errorf("no jump was noticed:\n%s", h.proc.Log())
	}
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
	if again := idsAfterRetention(t, ""); again != "" {
		t.Error(again)
	}
}

// TestIdsAfterRetentionCatchesReuse proves that the harness can fail.
func TestIdsAfterRetentionCatchesReuse(t *testing.T) {
	if idsAfterRetention(t, "forget-highest") == "" {
		t.Error("ids that start again below deleted ones broke no rule: the harness is blind")
	}
}

// idsAfterRetention lets everything be purged, restarts with an earlier clock, and says what a resuming reader then misses.
func idsAfterRetention(t *testing.T, fault string) string {
	file := filepath.Join(t.TempDir(), "clock")
	setClock(t, file, "0s")
	h := newHome(t, withFault(fault), withEnv("NOTIFER_FAULT_CLOCK="+file, "NOTIFER_FAULT_HURRY=1000", "NOTIFER_FAULT_QUIET=0s"), withArgs("--retention-age", "1s"))
	var last promise.Message
	for range 5 {
		h.serial++
		last = h.publish("early" + strings.Repeat("x", h.serial))
	}
	if err := promise.Await(20*time.Second, func() bool { return len(h.log()) == 0 }); err != nil {
		t.Fatalf("retention deleted nothing: %v\n%s", err, h.proc.Log())
	}
	setClock(t, file, "-1h")
	h.proc.Stop(t)
	h.start()
	next := h.publish("next")
	got, err := promise.ReadLog(h.url(), "ops", h.token, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0] != next {
		return "a reader at " + last.ID + " does not get " + next.ID + ", published after it"
	}
	return ""
}
