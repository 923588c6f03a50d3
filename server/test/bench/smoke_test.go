package bench

import (
	"testing"
	"time"
)

// TestSmoke runs each generator once, small, and checks facts that hold on any machine.
func TestSmoke(t *testing.T) {
	b, n := startBare(t), startNotifer(t)
	ceiling, tg := target{server: b, path: "/bench", token: bareToken()}, n.topic(t, "bench")
	noErrors(t, "bare", publish(t, ceiling, pressure{connections: 16, span: 100 * time.Millisecond}))
	noErrors(t, "publish", publish(t, tg, pressure{connections: 16, span: 100 * time.Millisecond}))
	noErrors(t, "a connection per request", publish(t, tg, pressure{connections: 4, messages: 50, fresh: true}))
	for _, webSocket := range []bool{false, true} {
		runBurst(t, tg, 50, webSocket, pressure{connections: 16, messages: 100})
	}
	for name, token := range wrongTokens {
		wrong := target{server: n.process, path: "/bench", token: token, want: 401}
		noErrors(t, name, publish(t, wrong, pressure{connections: 4, messages: 50}))
	}
	smokeHistory(t, n)
}

func smokeHistory(t *testing.T, n *notifer) {
	t.Helper()
	const messages = 450
	tg := n.topic(t, "history")
	fill(t, tg, messages)
	replay(t, tg, messages)
	if got := newReader(t, tg).readPages(t); got != messages {
		t.Errorf("pages held %d messages, want %d", got, messages)
	}
}

// TestSyncs counts fsyncs: one for a lone publish, a shared one for many.
func TestSyncs(t *testing.T) {
	n := startNotifer(t)
	syncCounts(t, n, n.topic(t, "bench"))
}
