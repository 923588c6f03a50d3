package daemon

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"notifer/server/config"
)

// TestAFailedStartSaysOneThing: what has begun to work when a port turns out to be taken ends without words of its own.
func TestAFailedStartSaysOneThing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := config.Default()
	c.DataDir, c.Listen = t.TempDir(), config.List{taken.Addr().String()}
	var log bytes.Buffer
	err = Run(t.Context(), Options{Config: c, Env: func(string) (string, bool) { return "", false }, Stdout: io.Discard, Stderr: &log})
	if err == nil || !strings.Contains(err.Error(), "is taken by another program") {
		t.Fatalf("Run = %v, want a port that is taken", err)
	}
	if _, ok := errors.AsType[*Passing](err); !ok {
		t.Errorf("Run = %v, want what may pass: the service is then started again", err)
	}
	if log.Len() > 0 {
		t.Errorf("the log beside the error: %s", log.String())
	}
	all := make([]byte, 1<<20)
	if stacks := string(all[:runtime.Stack(all, true)]); strings.Contains(stacks, "notices.(") {
		t.Errorf("a worker goes on with the closed store:\n%s", stacks)
	}
}
