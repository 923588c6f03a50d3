package reliability_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/reliability"
)

// victim starts writeForever in a process of its own and returns its id and a function that waits for a line of its output.
func victim(t *testing.T, dir string) (int, func(prefix string)) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RELIABILITY_WRITER="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	return cmd.Process.Pid, func(prefix string) {
		t.Helper()
		for n := 0; n < 100000 && lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), prefix) {
				return
			}
		}
		t.Fatalf("the writer never said %q", prefix)
	}
}

func TestPowerCutKeepsOnlyWhatWasFlushed(t *testing.T) {
	d := reliability.NewDisk(t, 32)
	write := func(name string, sync bool) {
		f, err := os.Create(filepath.Join(d.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		io.WriteString(f, "text")
		if sync {
			if err := f.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("flushed", true)
	write("lazy", false)
	after := d.Cut(t)
	if text, err := os.ReadFile(filepath.Join(after.Dir, "flushed")); string(text) != "text" {
		t.Errorf("flushed file after the cut: %q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(after.Dir, "lazy")); err == nil && len(text) > 0 {
		t.Errorf("unflushed file survived the cut: %q; this rig cannot show a lost write", text)
	}
}

func TestTraceMakesCallsFail(t *testing.T) {
	pid, says := victim(t, t.TempDir())
	says("ok")
	tr := reliability.Attach(t, pid, "fsync,fdatasync", []string{"fsync,fdatasync:error=EIO"})
	says("sync: ")
	tr.Detach()
	if tr.Injected(t) == 0 {
		t.Errorf("no call is marked as injected:\n%s", strings.Join(tr.Lines(t), "\n"))
	}
	says("ok")
}

func TestSmallDiskFillsUp(t *testing.T) {
	dir := reliability.SmallDisk(t, 4)
	ballast := reliability.Ballast(t, dir, 64<<10)
	if free := reliability.FreeBytes(t, dir); free > 128<<10 {
		t.Fatalf("%d bytes free beside the ballast, want 64 KiB", free)
	}
	err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, 1<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("writing 1 MiB: %v, want no space", err)
	}
	os.Remove(ballast)
	if err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatalf("after removing the ballast: %v", err)
	}
}

func TestStalledReaderBlocksItsSender(t *testing.T) {
	addr, sent := flood(t)
	reliability.Stall(t, addr, "/x/sse")
	if n := <-sent; n > 8<<20 {
		t.Errorf("a sender pushed %d bytes at a reader that does not read", n)
	}
}

// flood is a server that sends zeros to its first peer for at most a second and reports how many it got rid of.
func flood(t *testing.T) (string, chan int64) {
	t.Helper()
	sent := make(chan int64, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			sent <- 0
			return
		}
		defer conn.Close()
		conn.SetWriteDeadline(time.Now().Add(time.Second))
		n, _ := io.Copy(conn, zeros{})
		sent <- n
	})
	t.Cleanup(func() { l.Close(); done.Wait() })
	return l.Addr().String(), sent
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
