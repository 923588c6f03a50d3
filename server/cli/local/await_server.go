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

// NoticeTime is how long a running server may take to notice a change made by a command: it checks four times a second.
const NoticeTime = 600 * time.Millisecond

// awaitServer waits until a running server has noticed what a command has changed, so that the change is in force for the next line of
// a script.
func awaitServer(ctx context.Context, cmd *cobra.Command, dir string) {
	if name := cmd.Name(); name != "list" && name != "show" && serverRuns(dir) {
		Pause(ctx, NoticeTime)
	}
}

// serverRuns reads the process id in the lock file. It does not take the lock, which would keep a server that is just starting from it.
// An old id that now belongs to another process only costs a needless wait.
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
