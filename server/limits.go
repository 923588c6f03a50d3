package server

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds of failed passwords, setup codes and refresh tokens per address: a burst, then one a minute. Beyond them every
// attempt waits its turn, one a second, so that a right password still gets in and guessing does not pay.
const (
	failureBurst  = 30
	failureRefill = time.Minute
	slowLane      = time.Second
	slowWait      = 10 * time.Second
	bucketsKept   = 10_000
)

// limits are the buckets per address: single addresses for IPv4, /64 networks for IPv6.
type limits struct {
	now       func() time.Time
	anonymous *buckets
	failures  *buckets
	slow      *buckets
	failed    *buckets // log lines about wrong tokens and keys
	conflicts *buckets
	streams   *streamCount
}

func newLimits(c Config, now func() time.Time) *limits {
	return &limits{
		now:       now,
		anonymous: newBuckets(rate.Limit(c.AnonymousPerMinute)/60, c.AnonymousPerMinute),
		failures:  newBuckets(rate.Every(failureRefill), failureBurst),
		slow:      newBuckets(rate.Every(slowLane), 1),
		failed:    newBuckets(rate.Every(time.Second), failedBurst),
		conflicts: newBuckets(rate.Every(failureRefill), failureBurst),
		streams:   newStreamCount(c.Streams, c.StreamsPerAddress, c.StreamsPerKey),
	}
}

// buckets keeps one limiter per key and forgets those that are full again.
type buckets struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	list map[string]*rate.Limiter
}

func newBuckets(every rate.Limit, burst int) *buckets {
	return &buckets{every: every, burst: burst, list: map[string]*rate.Limiter{}}
}

func (b *buckets) get(key string, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.list[key]
	if l == nil {
		if len(b.list) >= bucketsKept {
			b.sweep(now)
		}
		l = rate.NewLimiter(b.every, b.burst)
		b.list[key] = l
	}
	return l
}

// sweep drops full buckets; when none is full, it drops any, which errs towards letting people in.
func (b *buckets) sweep(now time.Time) {
	for k, l := range b.list {
		if l.TokensAt(now) >= float64(b.burst) || len(b.list) >= bucketsKept {
			delete(b.list, k)
		}
	}
}

// addressKey is the network that shares a bucket.
func addressKey(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.Unmap().String()
}

// streamCount counts open streams in all, per address and per credential.
type streamCount struct {
	all, perAddress, perKey int

	mu   sync.Mutex
	open int
	by   map[string]int
}

func newStreamCount(all, perAddress, perKey int) *streamCount {
	return &streamCount{all: all, perAddress: perAddress, perKey: perKey, by: map[string]int{}}
}

// enter takes a place for a stream, and reports which bound is reached.
func (n *streamCount) enter(address, credential string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.open >= n.all:
		return &problem{status: 503, detail: "the server holds as many streams as it may: try again later", after: 30 * time.Second}
	case n.by[address] >= n.perAddress:
		return tooMany(30*time.Second, "this address holds %d streams already: close some", n.perAddress)
	case credential != "" && n.by[credential] >= n.perKey:
		return tooMany(30*time.Second, "this credential holds %d streams already: close some", n.perKey)
	}
	n.open++
	n.by[address]++
	if credential != "" {
		n.by[credential]++
	}
	return nil
}

func (n *streamCount) leave(address, credential string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	for _, k := range []string{address, credential} {
		if k == "" {
			continue
		}
		if n.by[k]--; n.by[k] <= 0 {
			delete(n.by, k)
		}
	}
}

// held is how many streams a credential has open.
func (n *streamCount) held(credential string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[credential]
}
