package bench

import (
	"fmt"
	"testing"
	"time"
)

// publishBars are the shares of the bare handler's rate that publishing must reach.
var publishBars = []struct {
	connections int
	fresh       bool
	share       float64
}{
	{connections: 16, share: 0.40},
	{connections: 64, share: 0.60},
	{connections: 256, share: 0.68},
	{connections: 16, fresh: true, share: 0.55},
}

// pair is one round of the ceiling and one of notifer, back to back.
type pair struct{ ceiling, ours load }

// comparePublish runs interleaved rounds against both.
func comparePublish(t *testing.T, ceiling, ours target, how pressure) []pair {
	t.Helper()
	how.span = *span
	pairs := make([]pair, *rounds)
	for i := range pairs {
		pairs[i] = pair{publish(t, ceiling, how), publish(t, ours, how)}
		noErrors(t, "bare", pairs[i].ceiling)
		noErrors(t, "notifer", pairs[i].ours)
	}
	return pairs
}

// rates prints and returns the ratio of the median rates.
func rates(pairs []pair) (ratio float64, detail string) {
	ceiling := collect(pairs, func(p pair) float64 { return p.ceiling.rate() })
	ours := collect(pairs, func(p pair) float64 { return p.ours.rate() })
	return ours / ceiling, fmt.Sprintf("%.0f/s of %.0f/s", ours, ceiling)
}

func TestPublish(t *testing.T) {
	needLong(t)
	b, n := startBare(t), startNotifer(t)
	ceiling, ours := target{server: b, path: "/bench", token: bareToken()}, n.topic(t, "bench")
	publishAlone(t, ceiling, ours)
	publishDurably(t, target{server: b, path: "/commit", token: bareToken()}, ours)
	for _, bar := range publishBars {
		pairs := comparePublish(t, ceiling, ours, pressure{connections: bar.connections, fresh: bar.fresh})
		name := fmt.Sprintf("publish rate, %d connections", bar.connections)
		if bar.fresh {
			name = "publish rate, a connection per request"
		}
		ratio, detail := rates(pairs)
		atLeast(t, name, ratio, bar.share, "%s", detail)
		if bar.connections == 64 {
			publishCosts(t, pairs)
		}
	}
}

// warmUp is enough messages for the WAL to have been folded and begun again.
const warmUp = 10_000

// publishAlone holds one connection against the sum of a bare request and a commit on the bare driver. All three are
// measured in each round, and the median of the rounds' shares counts: what a commit costs depends on who else uses the disk.
func publishAlone(t *testing.T, ceiling, ours target) {
	t.Helper()
	var bare, commits, alone, shares []float64
	how := pressure{connections: 1, span: *span}
	fill(t, ours, warmUp)
	withBareStore(t, func(s *bareStore) {
		s.commits(t, 64, *span/2) // as fill does: a WAL that still grows syncs slower than one that is written in place
		for range *rounds {
			handler, mine := publish(t, ceiling, how), publish(t, ours, how)
			noErrors(t, "bare", handler)
			noErrors(t, "notifer", mine)
			bare, alone, commits = append(bare, handler.rate()), append(alone, mine.rate()), append(commits, s.commits(t, 1, *span))
			shares = append(shares, mine.rate()*(1/handler.rate()+1/commits[len(commits)-1]))
		}
	})
	atLeast(t, "publish rate, one connection", median(shares), 0.9, "%.0f/s; bare %.0f/s, single commit %.0f/s", median(alone), median(bare), median(commits))
}

// publishDurably holds one connection against a bare handler that commits each message itself: a machine whose processors
// sleep while the disk works and have to be woken for the network does neither as fast as alone.
func publishDurably(t *testing.T, ceiling, ours target) {
	t.Helper()
	fill(t, ceiling, warmUp)
	ratio, detail := rates(comparePublish(t, ceiling, ours, pressure{connections: 1}))
	atLeast(t, "publish rate, one connection, of a bare handler that commits", ratio, 0.9, "%s", detail)
}

// publishCosts holds processor time and tail latency at 64 connections.
func publishCosts(t *testing.T, pairs []pair) {
	t.Helper()
	bare := collect(pairs, func(p pair) time.Duration { return p.ceiling.perPublish() })
	ours := collect(pairs, func(p pair) time.Duration { return p.ours.perPublish() })
	atMost(t, "processor time per publish, 64 connections", float64(ours)/float64(bare), 1.8, "%v of %v", ours, bare)
	bare = collect(pairs, func(p pair) time.Duration { return p.ceiling.percentile(0.99) })
	ours = collect(pairs, func(p pair) time.Duration { return p.ours.percentile(0.99) })
	atMost(t, "p99 of publishing, 64 connections", float64(ours)/float64(bare), 1.2, "%v of %v", ours, bare)
}

// TestCommit prints what the driver can do; the other tests use these figures as ceilings.
func TestCommit(t *testing.T) {
	needLong(t)
	withBareStore(t, func(s *bareStore) {
		for _, rows := range []int{1, 16, 64, 256} {
			t.Logf("%d rows per commit: %.0f rows/s", rows, s.commits(t, rows, *span))
		}
	})
}
