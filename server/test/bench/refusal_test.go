package bench

import (
	"strings"
	"testing"
	"time"
)

// wrongTokens are never valid: one has a sound checksum, the other does not.
var wrongTokens = map[string]string{
	"sound checksum": "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX",
	"wrong checksum": "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPY",
}

func TestRefusal(t *testing.T) {
	needLong(t)
	b, n := startBare(t), startNotifer(t)
	valid := n.topic(t, "bench")
	bareWrong := target{server: b, path: "/bench", token: strings.Repeat("x", 43), want: 401}
	for name, token := range wrongTokens {
		wrong := target{server: n.process, path: "/bench", token: token, want: 401}
		pairs := comparePublish(t, bareWrong, wrong, pressure{connections: 64})
		bare := collect(pairs, func(p pair) time.Duration { return p.ceiling.perPublish() })
		ours := collect(pairs, func(p pair) time.Duration { return p.ours.perPublish() })
		_, detail := rates(pairs)
		atMost(t, "processor time of a refusal, "+name, float64(ours)/float64(bare), 1.2, "%v of %v; %s", ours, bare, detail)
	}
	refusedMeanwhile(t, [2]target{{server: b, path: "/bench", token: bareToken()}, bareWrong},
		[2]target{valid, {server: n.process, path: "/bench", token: wrongTokens["sound checksum"], want: 401}})
}

// refusedMeanwhile holds the tail latency of valid publishers while 64 connections send wrong tokens against the bare
// handler's in the same mix: on a machine that the flood fills, no server can keep the latency of a calm one.
func refusedMeanwhile(t *testing.T, bare, ours [2]target) {
	t.Helper()
	var ceiling, mine, calm []time.Duration
	for range *rounds {
		ceiling = append(ceiling, underFlood(t, bare))
		mine = append(mine, underFlood(t, ours))
		calm = append(calm, publish(t, ours[0], floodPublishers()).percentile(0.99))
	}
	atMost(t, "p99 of valid publishers under wrong tokens", float64(median(mine))/float64(median(ceiling)), 2,
		"%v; bare handler %v; without wrong tokens %v", median(mine), median(ceiling), median(calm))
}

func floodPublishers() pressure { return pressure{connections: 4, span: *span, rate: 500} }

// underFlood is the p99 of publishers to the first target while 64 connections hammer the second.
func underFlood(t *testing.T, both [2]target) time.Duration {
	t.Helper()
	flood := make(chan load)
	go func() { flood <- publish(t, both[1], pressure{connections: 64, span: *span}) }()
	valid := publish(t, both[0], floodPublishers())
	noErrors(t, "flood", <-flood)
	noErrors(t, "valid publishers", valid)
	return valid.percentile(0.99)
}
