package bench

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// slower is how much more of the machine a program may take than the one it is compared with, beyond the noise.
const slower = 1.03

// cost is what one round of work took.
type cost struct {
	operations int
	wall, cpu  time.Duration
}

// measured runs work and reports it, with the processor time of the server meanwhile.
func (p *process) measured(t testing.TB, work func() (operations int)) cost {
	t.Helper()
	before, began := p.processor(t), time.Now()
	n := work()
	return cost{operations: n, wall: time.Since(began), cpu: p.processor(t) - before}
}

// processor is the time that all threads of the process have been on a processor, in nanoseconds; cpu counts in hundredths of a
// second. Threads of Go's runtime do not end.
func (p *process) processor(t testing.TB) time.Duration {
	t.Helper()
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.pid), "task", "*", "schedstat"))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads of process %d: %v", p.pid, err)
	}
	var sum time.Duration
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), " ")
		sum += time.Duration(atoi(t, first))
	}
	return sum
}

// side is one of two programs that are compared: a server with a topic that is published to and one that is read.
type side struct {
	*notifer
	fresh, kept target
}

// works are what both sides do in turn.
var works = []struct {
	name string
	do   func(t *testing.T, s side) cost
}{
	{"publish, 1 connection", publishing(1)},
	{"publish, 64 connections", publishing(64)},
	{"publish, 256 connections", publishing(256)},
	{"burst to 1000 over SSE", bursting(false)},
	{"burst to 1000 over WebSocket", bursting(true)},
	{"history by pages of 100", readingPages},
	{"history over SSE", replaying},
}

func publishing(connections int) func(*testing.T, side) cost {
	return func(t *testing.T, s side) cost {
		return s.measured(t, func() int {
			l := publish(t, s.fresh, pressure{connections: connections, span: *span})
			noErrors(t, "publish", l)
			return l.sent
		})
	}
}

func bursting(webSocket bool) func(*testing.T, side) cost {
	const streams, messages = 1000, 200
	return func(t *testing.T, s side) cost {
		all := subscribe(t, s.fresh, streams, messages, webSocket)
		defer all.close()
		return s.measured(t, func() int {
			noErrors(t, "burst", publish(t, s.fresh, pressure{connections: 64, messages: messages, onSend: all.sending}))
			all.wait(t, messages, 2*time.Minute)
			return streams * messages
		})
	}
}

func readingPages(t *testing.T, s side) cost {
	r := newReader(t, s.kept)
	return s.measured(t, func() int {
		n := 0
		for began := time.Now(); time.Since(began) < *span; {
			n += r.readPages(t)
		}
		return n
	})
}

func replaying(t *testing.T, s side) cost {
	return s.measured(t, func() int {
		n := 0
		for began := time.Now(); time.Since(began) < *span; n += replayed {
			replay(t, s.kept, replayed)
		}
		return n
	})
}

// TestCompare runs the program and the one that -other names in turn, each over a store of its own, and fails where the first takes
// more processor time or more time per operation than the other, beyond the noise of the rounds:
//
//	go test ./server/test/bench -run Compare -long -v -other OLD [-notifer NEW] [-rounds 15] [-span 1s]
//
// Both servers run all the time, and a round of one is next to a round of the other, in alternating order: what the machine does
// beside them meets both. Processor time is the better figure on a machine that others use.
func TestCompare(t *testing.T) {
	needLong(t)
	if *other == "" {
		t.Skip("-other names the program to compare with")
	}
	path, err := filepath.Abs(*other)
	if err != nil {
		t.Fatal(err)
	}
	before, now := prepareSide(t, path), prepareSide(t, program(t))
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			var wall, cpu, oldWall, oldCPU []float64
			w.do(t, before) // the first round fills caches
			w.do(t, now)
			for i := range *rounds {
				var a, b cost
				if i%2 == 0 {
					a, b = w.do(t, before), w.do(t, now)
				} else {
					b, a = w.do(t, now), w.do(t, before)
				}
				oldWall, oldCPU = append(oldWall, each(a.wall, a)), append(oldCPU, each(a.cpu, a))
				wall, cpu = append(wall, each(b.wall, b)/each(a.wall, a)), append(cpu, each(b.cpu, b)/each(a.cpu, a))
			}
			notSlower(t, "processor time of "+w.name, cpu, median(oldCPU))
			notSlower(t, "time of "+w.name, wall, median(oldWall))
		})
	}
}

func prepareSide(t *testing.T, bin string) side {
	t.Helper()
	n := startProgram(t, bin)
	s := side{notifer: n, fresh: n.topic(t, "fresh"), kept: n.topic(t, "kept")}
	fill(t, s.kept, replayed)
	return s
}

// each is a time per operation, in microseconds.
func each(d time.Duration, c cost) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(c.operations)
}

// notSlower prints the median of the rounds' ratios and its interval of 95 %, and fails when all of that is above the bar.
func notSlower(t *testing.T, name string, ratios []float64, old float64) {
	t.Helper()
	middle := median(ratios) // sorts them
	low, high := interval(len(ratios))
	verdict(t, ratios[low] <= slower, name, fmt.Sprintf("%.3f (%.3f to %.3f)", middle, ratios[low], ratios[high]),
		"at most %.2f; %.2f of %.2f µs each", slower, middle*old, old)
}

// interval gives the places of the values, of n in order, between which the median of all rounds there could be lies with a
// probability of 95 %, whatever the noise is distributed like (by the normal approximation of the sign test).
func interval(n int) (low, high int) {
	half := 0.98 * math.Sqrt(float64(n))
	low = max(0, int(math.Floor(float64(n)/2-half)))
	return low, n - 1 - low
}
