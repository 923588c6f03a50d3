package argon

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// Verdicts remembers which secrets have passed argon2id in this process: under an HMAC with a key made at start, and
// nothing else about them. Rights are read from the live record on every use.
type Verdicts struct {
	macs sync.Pool

	// guarded by mu
	mu    sync.RWMutex
	known map[[sha256.Size]byte]struct{}
}

// NewVerdicts remembers nothing yet.
func NewVerdicts() *Verdicts {
	key := random(32)
	return &Verdicts{
		macs:  sync.Pool{New: func() any { return &macState{h: hmac.New(sha256.New, key)} }},
		known: map[[sha256.Size]byte]struct{}{},
	}
}

// macState keeps one request's scratch space off the heap.
type macState struct {
	h   hash.Hash
	in  []byte
	sum [sha256.Size]byte
}

// MAC is the form under which a secret is remembered.
func (v *Verdicts) MAC(secret string) [sha256.Size]byte {
	m := v.macs.Get().(*macState)
	m.h.Reset()
	m.in = append(m.in[:0], secret...)
	m.h.Write(m.in)
	m.h.Sum(m.sum[:0])
	sum := m.sum
	clear(m.in)
	v.macs.Put(m)
	return sum
}

// Has reports whether the secret of a MAC has passed.
func (v *Verdicts) Has(mac [sha256.Size]byte) bool {
	v.mu.RLock()
	_, ok := v.known[mac]
	v.mu.RUnlock()
	return ok
}

// Add remembers that it has.
func (v *Verdicts) Add(mac [sha256.Size]byte) {
	v.mu.Lock()
	v.known[mac] = struct{}{}
	v.mu.Unlock()
}
