package reliability

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// FreeBytes is what an ordinary user may still write on the file system of dir.
func FreeBytes(t testing.TB, dir string) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Bavail) * s.Bsize
}

// Memory reads one line of a process's status in KiB: VmRSS for now, VmHWM for the peak.
func Memory(t testing.TB, pid int, line string) int {
	t.Helper()
	text := readProc(t, pid, "status")
	for _, row := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(row, line+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s in the status of process %d", line, pid)
	return 0
}

// Descriptors is how many files and sockets a process has open.
func Descriptors(t testing.TB, pid int) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func readProc(t testing.TB, pid int, file string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		t.Skipf("skipped: no procfs here: %v", err)
	}
	return string(text)
}
