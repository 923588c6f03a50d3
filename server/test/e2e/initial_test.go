package e2e_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// TestStartPreparesNothing asks the runtime what each of our packages allocates before main: every command pays for that, on small
// machines a hundred times as much as here.
func TestStartPreparesNothing(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(run.Binary(t), "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		// init notifer/server/shape @1.2 ms, 0.01 ms clock, 27200 bytes, 12 allocs
		words := strings.Fields(line)
		if len(words) < 9 || words[0] != "init" || !strings.HasPrefix(words[1], "notifer/") {
			continue
		}
		seen++
		if bytes, err := strconv.Atoi(words[7]); err != nil || bytes > 100_000 {
			t.Errorf("%s allocates %s bytes before main, want at most 100000: prepare it when it is first used (%v)", words[1], words[7], err)
		}
	}
	if seen < 20 {
		t.Fatalf("only %d of our packages in\n%s", seen, out)
	}
}
