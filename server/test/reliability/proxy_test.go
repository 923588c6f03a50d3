package reliability_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/reliability"
)

// echo is a server that sends back each line it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() {
				defer conn.Close()
				io.Copy(conn, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); done.Wait() })
	return l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// line sends one line and reads it back within d.
func line(conn net.Conn, text string, d time.Duration) (string, error) {
	conn.SetDeadline(time.Now().Add(d))
	if _, err := io.WriteString(conn, text+"\n"); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func TestProxyPassesAndFreezes(t *testing.T) {
	p := reliability.NewProxy(t, echo(t))
	conn := dial(t, p.Addr())
	if got, err := line(conn, "one", 10*time.Second); got != "one\n" {
		t.Fatalf("pass: got %q, %v", got, err)
	}
	p.Set(reliability.Freeze)
	if _, err := line(conn, "two", 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("freeze: %v, want a deadline", err)
	}
	p.Set(reliability.Pass)
	if got, err := line(conn, "", 10*time.Second); got != "two\n" {
		t.Fatalf("thawed: got %q, %v, want what was held back", got, err)
	}
}

func TestProxyResets(t *testing.T) {
	p := reliability.NewProxy(t, echo(t))
	conn := dial(t, p.Addr())
	if _, err := line(conn, "one", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	p.Cut(reliability.Reset)
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("reset: %v, want a TCP reset", err)
	}
	if got, err := line(dial(t, p.Addr()), "again", 10*time.Second); got != "again\n" {
		t.Fatalf("after a cut: got %q, %v, want later connections to pass", got, err)
	}
}

func TestProxyHalfCloses(t *testing.T) {
	p := reliability.NewProxy(t, echo(t))
	conn := dial(t, p.Addr())
	if _, err := line(conn, "one", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	p.Cut(reliability.HalfClose)
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatalf("half-close: read gave %v, want EOF", err)
	}
	if _, err := io.WriteString(conn, "still open\n"); err != nil {
		t.Fatalf("half-close: write gave %v, want it open", err)
	}
}

func TestProxyTrickles(t *testing.T) {
	t.Parallel()
	p := reliability.NewProxy(t, echo(t))
	p.Set(reliability.Trickle)
	conn := dial(t, p.Addr())
	if got, err := line(conn, "12345678901234567890", 1500*time.Millisecond); err == nil {
		t.Fatalf("trickle: %q came back at once", got)
	}
	p.Set(reliability.Pass)
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if got, err := bufio.NewReader(conn).ReadString('\n'); err != nil || got == "" {
		t.Fatalf("after trickle: %q, %v", got, err)
	}
}
