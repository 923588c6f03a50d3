package bench

import (
	"net"
	"runtime"
	"testing"
	"time"

	"notifer/server/test/run"
)

// timeToHealthy is the time from starting the process to its first 200 on /healthz.
func timeToHealthy(t *testing.T, n *notifer) time.Duration {
	t.Helper()
	begin := time.Now()
	n.server.Launch(t)
	for !healthyNow(n.server.Addr) {
		if time.Since(begin) > run.Patience {
			t.Fatal("the server does not become healthy")
		}
		runtime.Gosched()
	}
	took := time.Since(begin)
	n.server.Stop(t)
	return took
}

// healthyNow is one attempt that costs the machine little.
func healthyNow(addr string) bool {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		return false
	}
	var reply [12]byte
	if _, err := c.Read(reply[:]); err != nil {
		return false
	}
	return string(reply[9:]) == "200"
}

func TestStart(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	n.stop()
	atMost(t, "start to healthy, empty store, ms", startMilliseconds(t, n), 20, "median of %d", *rounds)
	n.serve(t)
	tg := n.topic(t, "bench")
	fill(t, tg, million)
	n.stop()
	atMost(t, "start to healthy, a million messages, ms", startMilliseconds(t, n), 100, "median of %d", *rounds)
}

func startMilliseconds(t *testing.T, n *notifer) float64 {
	t.Helper()
	var took []time.Duration
	for range *rounds {
		took = append(took, timeToHealthy(t, n))
	}
	return float64(median(took)) / 1e6
}

const million = 1_000_000

// fill publishes that many messages as fast as the server takes them.
func fill(t *testing.T, tg target, messages int) {
	t.Helper()
	noErrors(t, "fill", publish(t, tg, pressure{connections: 256, messages: messages}))
}
