package daemon

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"notifer/db"
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
	if _, ok := errors.AsType[*config.Passing](err); !ok {
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

// TestWhatIsLeftOutIsAWarning: what the configuration declares and the server leaves out stands in the log of one that reports only warnings.
func TestWhatIsLeftOutIsAWarning(t *testing.T) {
	d, dir := openStore(t)
	bob := db.User{Email: "bob@home.example", Username: "bob", PasswordHash: "x", IsAdmin: true}
	if err := errors.Join(d.CreateUser(&bob), d.Close()); err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.DataDir, c.Listen, c.LogFormat = dir, config.List{"127.0.0.1:0"}, "text"
	c.Users = []config.User{{Email: "other@home.example", Username: "bob", Admin: true}}
	c.Topics = []config.Topic{{Name: "door", Owner: "bob"}}
	ctx, stop := context.WithCancel(t.Context())
	var log bytes.Buffer
	if err := Run(ctx, Options{Config: c, Env: func(string) (string, bool) { return "", false }, Stdout: stopper(stop), Stderr: &log}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "msg=declared") && strings.Contains(line, "level=WARN") != strings.Contains(line, "leave out user bob") {
			t.Error(line)
		}
	}
	if n := strings.Count(log.String(), "msg=declared"); n != 2 {
		t.Errorf("%d changes are logged, want 2:\n%s", n, log.String())
	}
}

// stopper stops a server as soon as it prints something.
type stopper func()

// Write implements io.Writer.
func (s stopper) Write(p []byte) (int, error) { s(); return len(p), nil }
