package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// verdicts remembers which secrets have passed argon2id in this process: under an HMAC with a key made at start, only
// that a secret belongs to a fingerprint. Rights are read from the live record on every use.
type verdicts struct {
	macs sync.Pool

	// guarded by mu
	mu    sync.RWMutex
	known map[[sha256.Size]byte]Fingerprint
}

func newVerdicts() *verdicts {
	key := RandomKey(32)
	return &verdicts{
		macs:  sync.Pool{New: func() any { return &macState{h: hmac.New(sha256.New, key)} }},
		known: map[[sha256.Size]byte]Fingerprint{},
	}
}

// macState keeps one request's scratch space off the heap.
type macState struct {
	h   hash.Hash
	in  []byte
	sum [sha256.Size]byte
}

func (v *verdicts) mac(secret string) [sha256.Size]byte {
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

func (v *verdicts) find(mac [sha256.Size]byte) (Fingerprint, bool) {
	v.mu.RLock()
	f, ok := v.known[mac]
	v.mu.RUnlock()
	return f, ok
}

func (v *verdicts) add(mac [sha256.Size]byte, f Fingerprint) {
	v.mu.Lock()
	v.known[mac] = f
	v.mu.Unlock()
}
