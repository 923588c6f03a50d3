package auth

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"notifer/db"
)

// directory caches the records that rights are read from. Every change made through this process replaces the cache
// before the change is answered; a change by another process does within the writer's watch interval.
type directory struct {
	d       *db.DB
	current atomic.Pointer[records]
	behind  atomic.Bool // known could not be read when another process changed it

	// guarded by mu
	mu    sync.RWMutex
	known map[Fingerprint]struct{} // of all tokens and keys: a miss needs no query
}

// records is one generation of the cache. A reader that loaded an older row stores it in the older generation.
type records struct {
	mu       sync.RWMutex
	topics   map[string]*db.Topic
	tokens   map[Fingerprint]*tokenRecord
	keys     map[Fingerprint]*keyRecord
	sessions map[Fingerprint]*sessionRecord
}

type tokenRecord struct {
	db.Token
	topicName     string
	ownerDisabled bool
	nets          networks
}

type keyRecord struct {
	db.Key
	User db.User
}

type sessionRecord struct {
	db.Session
	User db.User
}

func newDirectory(ctx context.Context, d *db.DB) (*directory, error) {
	r := &directory{d: d}
	r.current.Store(newRecords())
	return r, r.loadKnown(ctx)
}

func newRecords() *records {
	return &records{
		topics:   map[string]*db.Topic{},
		tokens:   map[Fingerprint]*tokenRecord{},
		keys:     map[Fingerprint]*keyRecord{},
		sessions: map[Fingerprint]*sessionRecord{},
	}
}

// invalidate begins a new generation; foreign reloads the fingerprints too. When the store is failing, the older set, which
// refuses at most what is new, stays until the next change.
func (r *directory) invalidate(foreign bool) {
	r.current.Store(newRecords())
	if foreign || r.behind.Load() {
		r.behind.Store(r.loadKnown(context.Background()) != nil)
	}
}

func (r *directory) loadKnown(ctx context.Context) error {
	known := map[Fingerprint]struct{}{}
	err := r.d.Fingerprints(ctx, func(f []byte) {
		if len(f) == len(Fingerprint{}) {
			known[Fingerprint(f)] = struct{}{}
		}
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.known = known
	r.mu.Unlock()
	return nil
}

func (r *directory) learn(f Fingerprint) {
	r.mu.Lock()
	r.known[f] = struct{}{}
	r.mu.Unlock()
}

func (r *directory) knows(f Fingerprint) bool {
	r.mu.RLock()
	_, ok := r.known[f]
	r.mu.RUnlock()
	return ok
}

// cached reads a record from the generation, or loads it and keeps it there.
func cached[K comparable, V any](c *records, m map[K]*V, key K, load func() (*V, error)) (*V, error) {
	c.mu.RLock()
	v := m[key]
	c.mu.RUnlock()
	if v != nil {
		return v, nil
	}
	v, err := load()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	m[key] = v
	c.mu.Unlock()
	return v, nil
}

// topic reads a topic by name; nil when there is none.
func (r *directory) topic(ctx context.Context, name string) (*db.Topic, error) {
	c := r.current.Load()
	t, err := cached(c, c.topics, name, func() (*db.Topic, error) {
		t, err := r.d.Topic(ctx, name)
		return &t, err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return t, err
}

func (r *directory) token(ctx context.Context, f Fingerprint) (*tokenRecord, error) {
	c := r.current.Load()
	return cached(c, c.tokens, f, func() (*tokenRecord, error) {
		f := f // a copy here keeps the parameter off the heap on the usual way
		t, err := r.d.TokenByFingerprint(ctx, f[:])
		if err != nil {
			return nil, err
		}
		topic, err := r.d.Topic(ctx, t.Topic)
		if err != nil {
			return nil, err
		}
		nets, err := parseNetworks(t.Networks)
		return &tokenRecord{t, topic.Name, topic.OwnerDisabled, nets}, err
	})
}

func (r *directory) key(ctx context.Context, f Fingerprint) (*keyRecord, error) {
	c := r.current.Load()
	return cached(c, c.keys, f, func() (*keyRecord, error) {
		k, err := r.d.KeyByFingerprint(ctx, f[:])
		if err != nil {
			return nil, err
		}
		u, err := r.d.User(ctx, k.UserID)
		return &keyRecord{k, u}, err
	})
}

func (r *directory) session(ctx context.Context, sid Fingerprint) (*sessionRecord, error) {
	c := r.current.Load()
	return cached(c, c.sessions, sid, func() (*sessionRecord, error) {
		s, err := r.d.SessionBySID(ctx, sid[:])
		if err != nil {
			return nil, err
		}
		u, err := r.d.User(ctx, s.UserID)
		return &sessionRecord{s, u}, err
	})
}
