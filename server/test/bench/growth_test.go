package bench

import (
	"fmt"
	"testing"
)

// compareStores runs interleaved rounds on two servers and returns the ratio of the second's rate to the first's.
func compareStores(t *testing.T, empty, full target, fullHow pressure) (ratio float64, detail string) {
	t.Helper()
	how := pressure{connections: 64, span: *span}
	fullHow.connections, fullHow.span = how.connections, how.span
	pairs := make([]pair, *rounds)
	for i := range pairs {
		pairs[i] = pair{publish(t, empty, how), publish(t, full, fullHow)}
		noErrors(t, "empty store", pairs[i].ceiling)
		noErrors(t, "full store", pairs[i].ours)
	}
	return rates(pairs)
}

// TestGrowthTopics publishes to one topic among many, and to all of them in turn.
func TestGrowthTopics(t *testing.T) {
	needLong(t)
	for _, bar := range []struct {
		topics int
		spread float64
	}{{100, 0.6}, {10_000, 0.5}} {
		empty, full := startNotifer(t), startNotifer(t)
		many := full.topics(t, bar.topics)
		one, other := empty.emptyTopic(t, "bench"), many[bar.topics/2]
		ratio, detail := compareStores(t, one, other, pressure{})
		atLeast(t, fmt.Sprintf("one topic of %d", bar.topics), ratio, 0.85, "%s", detail)
		ratio, detail = compareStores(t, one, other, pressure{spread: many})
		atLeast(t, fmt.Sprintf("spread over %d topics", bar.topics), ratio, bar.spread, "%s", detail)
		empty.stop()
		full.stop()
	}
}

// TestGrowthMessages publishes to a topic of a store with ten million messages.
func TestGrowthMessages(t *testing.T) {
	needLong(t)
	empty, full := startNotifer(t), startNotifer(t)
	one, other := empty.topic(t, "bench"), full.topic(t, "bench")
	fill(t, other, *stored)
	ratio, detail := compareStores(t, one, other, pressure{})
	atLeast(t, fmt.Sprintf("%d messages stored", *stored), ratio, 0.85, "%s", detail)
}
