package reliability

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Cgroup is a control group with a limit of memory, version 1 or 2, that is removed at the end of the test.
type Cgroup struct {
	dir    string
	events string // the file that counts kills
}

// NewCgroup makes a group that may hold so many bytes. It skips the test where groups cannot be made.
func NewCgroup(t testing.TB, bytes int64) *Cgroup {
	t.Helper()
	g := &Cgroup{dir: "/sys/fs/cgroup/memory", events: "memory.oom_control"}
	limit := "memory.limit_in_bytes"
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		g.dir, g.events, limit = "/sys/fs/cgroup", "memory.events", "memory.max"
	}
	g.dir = filepath.Join(g.dir, fmt.Sprintf("notifer-test-%d", os.Getpid()))
	err := os.Mkdir(g.dir, 0o755)
	if err == nil {
		t.Cleanup(func() { os.Remove(g.dir) })
		err = os.WriteFile(filepath.Join(g.dir, limit), []byte(strconv.FormatInt(bytes, 10)), 0o644)
	}
	if err != nil {
		t.Skipf("no control group can be made (needs root): %v", err)
	}
	return g
}

// Enter makes a program that joins the group and becomes bin.
func (g *Cgroup) Enter(t testing.TB, bin string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inside")
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%s/cgroup.procs || exit 1\nexec %s \"$@\"\n", g.dir, bin)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// Kills is how many processes of the group the kernel has ended for want of memory.
func (g *Cgroup) Kills(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, g.events))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok {
			kills, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			return kills
		}
	}
	t.Fatalf("no oom_kill in %q", text)
	return 0
}
