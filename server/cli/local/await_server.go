package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
)

// NoticeTime is how long a running server may take to notice a change made by a command; it looks four times a second.
const NoticeTime = 600 * time.Millisecond

// awaitServer waits after a command that changes something until a running server has noticed, so that the next line of a
// script finds the change in force.
func awaitServer(ctx context.Context, cmd *cobra.Command, dir string) {
	if name := cmd.Name(); name != "list" && name != "show" && serverRuns(dir) {
		Pause(ctx, NoticeTime)
	}
}

// serverRuns reads who holds the lock, without taking it: a server that starts at this moment must not be refused. A number
// that now belongs to another process costs a needless wait, nothing more.
func serverRuns(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, db.LockName))
	line, _, _ := strings.Cut(string(text), "\n")
	pid, bad := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || bad != nil || pid < 1 || pid == os.Getpid() {
		return false
	}
	killed := syscall.Kill(pid, 0)
	return killed == nil || errors.Is(killed, syscall.EPERM)
}

// Pause waits for d, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
