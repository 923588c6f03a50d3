package quota

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// bucketsKept is how many keys are remembered.
const bucketsKept = 10_000

// Buckets keeps one limiter per key and forgets those that are full again.
type Buckets[K comparable] struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	list map[K]*rate.Limiter
}

// NewBuckets makes limiters of this rate and burst.
func NewBuckets[K comparable](every rate.Limit, burst int) *Buckets[K] {
	return &Buckets[K]{every: every, burst: burst, list: map[K]*rate.Limiter{}}
}

// Get is the limiter of a key.
func (b *Buckets[K]) Get(key K, now time.Time) *rate.Limiter {
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
func (b *Buckets[K]) sweep(now time.Time) {
	for k, l := range b.list {
		if l.TokensAt(now) >= float64(b.burst) || len(b.list) > bucketsKept*9/10 {
			delete(b.list, k)
		}
	}
}

// Set changes the bounds; what was used up so far is forgotten.
func (b *Buckets[K]) Set(every rate.Limit, burst int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.every != every || b.burst != burst {
		b.every, b.burst = every, burst
		clear(b.list)
	}
}
