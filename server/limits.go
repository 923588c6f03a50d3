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

// limits are the buckets per network of the client, and those of names that are taken per account or network.
type limits struct {
	now       func() time.Time
	anonymous *buckets[netip.Addr]
	failures  *buckets[netip.Addr]
	slow      *buckets[netip.Addr]
	failed    *buckets[netip.Addr] // log lines about wrong tokens and keys
	conflicts *buckets[string]
	streams   *streamCount
}

func newLimits(c Config, now func() time.Time) *limits {
	return &limits{
		now:       now,
		anonymous: newBuckets[netip.Addr](rate.Limit(c.AnonymousPerMinute)/60, c.AnonymousPerMinute),
		failures:  newBuckets[netip.Addr](rate.Every(failureRefill), failureBurst),
		slow:      newBuckets[netip.Addr](rate.Every(slowLane), 1),
		failed:    newBuckets[netip.Addr](rate.Every(time.Second), failedBurst),
		conflicts: newBuckets[string](rate.Every(failureRefill), failureBurst),
		streams:   newStreamCount(c.Streams, c.StreamsPerAddress, c.StreamsPerKey),
	}
}

// buckets keeps one limiter per key and forgets those that are full again.
type buckets[K comparable] struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	list map[K]*rate.Limiter
}

func newBuckets[K comparable](every rate.Limit, burst int) *buckets[K] {
	return &buckets[K]{every: every, burst: burst, list: map[K]*rate.Limiter{}}
}

func (b *buckets[K]) get(key K, now time.Time) *rate.Limiter {
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

// sweep drops full buckets, and any until a tenth of the room is free, which errs towards letting people in: the next sweep
// is then a thousand new keys away.
func (b *buckets[K]) sweep(now time.Time) {
	for k, l := range b.list {
		if l.TokensAt(now) >= float64(b.burst) || len(b.list) > bucketsKept*9/10 {
			delete(b.list, k)
		}
	}
}

// Network is what shares a bound: a single address for IPv4, the first address of the /64 for IPv6.
func Network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
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
