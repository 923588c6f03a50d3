// Package argon rations argon2id: how many hashes are computed at a time, and who waits for one. It knows no accounts.
package argon

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
)

// ErrBusy says that too many passwords wait to be checked; try again in a moment.
var ErrBusy = errors.New("too many sign-ins at once: try again in a few seconds")

// Params are the argon2id costs of new hashes (RFC 9106 section 3.1).
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8  // lanes
}

// Bounds of the costs that a stored hash may ask for; a damaged or planted hash must not stop the server.
const (
	maxMemory    = 1 << 20
	maxTime      = 64
	passwordWait = 16
	secretWait   = 60 * time.Second
)

// Hasher rations argon2id: few computations at a time, a short queue for passwords, and a longer wait for tokens and
// keys whose fingerprint is known. A permit belongs to the computation, not to the request that asked for it.
type Hasher struct {
	// immutable after New
	params Params
	gate   *gate
	dummy  string

	// guarded by mu
	mu      sync.Mutex
	running map[string]*computation
}

// computation is one verification that several requests may wait for.
type computation struct {
	done  chan struct{}
	match bool
	err   error
}

// New makes a hasher that runs at most parallel computations at a time.
func New(p Params, parallel int) *Hasher {
	h := &Hasher{params: p, gate: newGate(max(parallel, 1)), running: map[string]*computation{}}
	h.dummy = h.Unmatchable("")
	return h
}

// compute hashes with the current costs, in the PHC form that the library reads.
func (h *Hasher) compute(secret string) string {
	p := &argon2id.Params{Memory: h.params.Memory, Iterations: h.params.Time, Parallelism: h.params.Threads,
		SaltLength: 16, KeyLength: 32}
	hash, err := argon2id.CreateHash(secret, p)
	if err != nil {
		panic(fmt.Sprintf("argon2id: %v", err)) // only an unreadable random source
	}
	return hash
}

// Unmatchable is a stored form that no password has, with the costs of another hash, or the current ones where that cannot be
// read: comparing with it takes as long as with the other. It is made up, not computed, so it costs no hashing.
func (h *Hasher) Unmatchable(like string) string {
	memory, time, threads := h.params.Memory, h.params.Time, h.params.Threads
	if p, _, _, err := argon2id.DecodeHash(like); err == nil {
		memory, time, threads = p.Memory, p.Iterations, p.Parallelism
	}
	part := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, time, threads, part(random(16)), part(random(32)))
}

// Current reports whether a stored hash has the costs of new ones.
func (h *Hasher) Current(hash string) bool {
	p, _, _, err := argon2id.DecodeHash(hash)
	return err == nil && p.Memory == h.params.Memory && p.Iterations == h.params.Time && p.Parallelism == h.params.Threads
}

// Hash makes the stored form of a password or secret. It waits for a permit and fails with the context's error.
func (h *Hasher) Hash(ctx context.Context, secret string) (string, error) {
	if err := h.gate.enter(ctx, ""); err != nil {
		return "", err
	}
	out := make(chan string, 1)
	go func() {
		defer h.gate.exit()
		out <- h.compute(secret)
	}()
	select {
	case hash := <-out:
		return hash, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// VerifyPassword compares a password with a stored hash; an empty hash takes as long and never matches. It fails with ErrBusy
// when too many wait already. The lane is the network that the password comes from, empty for a caller that is known.
func (h *Hasher) VerifyPassword(ctx context.Context, password, hash, lane string) (bool, error) {
	c := &computation{done: make(chan struct{})}
	go h.run(ctx, c, password, hash, lane)
	return c.wait(ctx)
}

// VerifySecret compares a token or key with its hash. Requests with the same secret share one computation.
func (h *Hasher) VerifySecret(ctx context.Context, secret, hash string) (bool, error) {
	id := secret + hash
	h.mu.Lock()
	c := h.running[id]
	if c == nil {
		c = &computation{done: make(chan struct{})}
		h.running[id] = c
		go h.runShared(id, c, secret, hash)
	}
	h.mu.Unlock()
	return c.wait(ctx)
}

func (h *Hasher) runShared(id string, c *computation, secret, hash string) {
	ctx, cancel := context.WithTimeout(context.Background(), secretWait)
	defer cancel()
	h.run(ctx, c, secret, hash, "")
	h.mu.Lock()
	delete(h.running, id)
	h.mu.Unlock()
}

// run waits for a permit, computes and closes c. A waiter that leaves before the permit costs no computation.
func (h *Hasher) run(ctx context.Context, c *computation, secret, hash, lane string) {
	defer close(c.done)
	if c.err = h.gate.enter(ctx, lane); c.err != nil {
		c.err = ErrBusy
		return
	}
	defer h.gate.exit()
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	c.match, c.err = compare(secret, hash)
	c.match = c.match && known
}

func (c *computation) wait(ctx context.Context) (bool, error) {
	select {
	case <-c.done:
		return c.match, c.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// compare refuses costs beyond the bounds before it computes anything.
func compare(secret, hash string) (bool, error) {
	p, _, key, err := argon2id.DecodeHash(hash)
	if err != nil {
		return false, fmt.Errorf("stored hash: %w", err)
	}
	if p.Memory > maxMemory || p.Iterations == 0 || p.Iterations > maxTime || p.Parallelism == 0 || len(key) < 16 || len(key) > 128 {
		return false, errors.New("stored hash asks for costs out of bounds")
	}
	return argon2id.ComparePasswordAndHash(secret, hash)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
