package request

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
	deviceBurst   = 10
	failureRefill = time.Minute
	slowLane      = time.Second
	slowWait      = 10 * time.Second
	bucketsKept   = 10_000
)

// limits are the buckets per network of the client, and those of names that are taken per account or network.
type limits struct {
	now       func() time.Time
	anonymous *buckets[netip.Addr]
	reads     *buckets[netip.Addr]
	openBytes *buckets[netip.Addr] // published without a credential
	ownBytes  *buckets[string]     // published with a token
	failures  *buckets[netip.Addr]
	slow      *buckets[netip.Addr]
	devices   *buckets[string]     // failed passwords by the account that a browser has signed in to before
	failed    *buckets[netip.Addr] // log lines about wrong tokens and keys
	conflicts *buckets[string]
}

func newLimits(c Options, now func() time.Time) *limits {
	return &limits{
		now:       now,
		reads:     newBuckets[netip.Addr](readRate, readBurst),
		openBytes: newBuckets[netip.Addr](openBytesADay/day, openBytesBurst),
		ownBytes:  newBuckets[string](tokenBytesADay/day, tokenBytesBurst),
		anonymous: newBuckets[netip.Addr](rate.Limit(c.AnonymousPerMinute)/60, c.AnonymousPerMinute),
		failures:  newBuckets[netip.Addr](rate.Every(failureRefill), failureBurst),
		devices:   newBuckets[string](rate.Every(failureRefill), deviceBurst),
		slow:      newBuckets[netip.Addr](rate.Every(slowLane), 1),
		failed:    newBuckets[netip.Addr](rate.Every(time.Second), failedBurst),
		conflicts: newBuckets[string](rate.Every(failureRefill), failureBurst),
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

// LimitAnonymous bounds what an address may store without a credential: messages of public topics and lists of topics.
func (s *Site) LimitAnonymous(c *Call) error {
	if !c.Who.Anonymous() {
		return nil
	}
	return take(s.limits.anonymous.get(Network(c.Address), c.Began), c.Began, "too many requests without a credential from this address")
}

// Bounds of reading without a credential, for an address, and of what is stored: a burst, and so much a day. A message is kept for
// weeks, so bytes fill a disk where messages a minute do not.
const (
	readRate        = 100 // pages a second
	readBurst       = 1000
	openBytesBurst  = 16 << 20
	openBytesADay   = 128 << 20
	tokenBytesBurst = 1 << 30
	tokenBytesADay  = 10 << 30
	day             = 24 * 60 * 60 // seconds
)

// limitReads bounds the pages that an address reads without a credential.
func (s *Site) limitReads(c *Call) error {
	if c.Who == nil || !c.Who.Anonymous() {
		return nil
	}
	return take(s.limits.reads.get(Network(c.Address), c.Began), c.Began, "too many requests without a credential from this address")
}

// LimitBytes bounds what is stored without an account: for an address, and for a token.
func (s *Site) LimitBytes(c *Call, n int) error {
	switch {
	case c.Who.Anonymous():
		return takeBytes(s.limits.openBytes.get(Network(c.Address), c.Began), c.Began, n, "this address has published as many bytes without a credential as it may")
	case c.Who.Token() != nil:
		return takeBytes(s.limits.ownBytes.get(c.Who.Token().ID, c.Began), c.Began, n, "this token has published as many bytes as it may")
	}
	return nil
}

func takeBytes(l *rate.Limiter, now time.Time, n int, detail string) error {
	n = min(n, l.Burst())
	if l.AllowN(now, n) {
		return nil
	}
	wait := time.Duration((float64(n) - l.TokensAt(now)) / float64(l.Limit()) * float64(time.Second))
	return TooMany(max(wait.Round(time.Second), time.Second), "%s for now: try again later", detail)
}

// LimitConflicts bounds what an account or an address learns by trying names; detail says what there was too much of.
func (s *Site) LimitConflicts(c *Call, key, detail string) error {
	return take(s.limits.conflicts.get(key, c.Began), c.Began, detail)
}

// take consumes one place in a bucket, or says when there will be one.
func take(l *rate.Limiter, now time.Time, detail string) error {
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	r.CancelAt(now)
	return TooMany(max(wait.Round(time.Second), time.Second), "%s: try again later", detail)
}

// StreamCount counts open streams in all, per address and per credential.
type StreamCount struct {
	all, perAddress, perKey int

	mu   sync.Mutex
	open int
	by   map[string]int
}

func newStreamCount(all, perAddress, perKey int) *StreamCount {
	return &StreamCount{all: all, perAddress: perAddress, perKey: perKey, by: map[string]int{}}
}

// Enter takes a place for a stream, and reports which bound is reached.
func (n *StreamCount) Enter(address, credential string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.open >= n.all:
		return &Problem{Status: 503, Detail: "the server holds as many streams as it may: try again later", After: 30 * time.Second}
	case n.by[address] >= n.perAddress:
		return TooMany(30*time.Second, "this address holds %d streams already: close some", n.perAddress)
	case credential != "" && n.by[credential] >= n.perKey:
		return TooMany(30*time.Second, "this credential holds %d streams already: close some", n.perKey)
	}
	n.open++
	n.by[address]++
	if credential != "" {
		n.by[credential]++
	}
	return nil
}

// Leave gives the place back.
func (n *StreamCount) Leave(address, credential string) {
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

// Held is how many streams a credential has open.
func (n *StreamCount) Held(credential string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[credential]
}

// set changes the bounds; what was used up so far is forgotten.
func (b *buckets[K]) set(every rate.Limit, burst int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.every != every || b.burst != burst {
		b.every, b.burst = every, burst
		clear(b.list)
	}
}

// set changes the bounds; streams that are open stay open.
func (n *StreamCount) set(all, perAddress, perKey int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.perAddress, n.perKey = all, perAddress, perKey
}
