package run

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
)

// FreeAddr returns a loopback address nobody listens on. Its port is below those that systems give to outgoing connections, so
// that a server finds it free again after a restart. No other test gets it until this one has ended.
func FreeAddr(t testing.TB) string {
	t.Helper()
	var err error
	for range 100 {
		port := 10_000 + rand.IntN(22_000)
		if !claim(t, port) {
			continue
		}
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return l.Addr().String()
		}
	}
	t.Fatalf("no free port: %v", err)
	return ""
}

// claim keeps a port from other tests until t ends. The claim is the name of a socket, which one process of the machine can have, and
// which goes with the process. Where there are no such names, ports are only drawn by chance.
func claim(t testing.TB, port int) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	l, err := net.Listen("unix", fmt.Sprintf("@notifer-test-port-%d", port))
	if err != nil {
		return false
	}
	t.Cleanup(func() { l.Close() })
	return true
}
