package auth

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"notifer/db"
)

// rightsCache holds the records that rights are read from. A change made through this process removes the records it
// concerns before it is answered; a change by another process removes all within the writer's watch interval.
type rightsCache struct {
	d          *db.DB
	generation atomic.Uint64 // grows with every change of rights; written under mu

	// guarded by mu
	mu       sync.RWMutex
	topics   map[string]*db.Topic
	tokens   map[Fingerprint]*tokenRecord
	keys     map[Fingerprint]*keyRecord
	sessions map[sessionName]*sessionRecord

	known knownSecrets
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

func newRightsCache(ctx context.Context, d *db.DB) (*rightsCache, error) {
	r := &rightsCache{
		d:        d,
		topics:   map[string]*db.Topic{},
		tokens:   map[Fingerprint]*tokenRecord{},
		keys:     map[Fingerprint]*keyRecord{},
		sessions: map[sessionName]*sessionRecord{},
		known:    knownSecrets{d: d, set: map[Fingerprint]struct{}{}},
	}
	r.known.changed.Store(1)
	return r, r.known.load(ctx)
}

// drop removes the records that changes concern. It runs on the committing goroutine, so it looks at memory only, and at
// each record once.
func (r *rightsCache) drop(changes []db.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.generation.Add(1)
	users, topics, allTokens, tokens := map[string]bool{}, map[int64]bool{}, map[int64]bool{}, map[string]bool{}
	for _, c := range changes {
		if c.Foreign {
			r.clear()
			return
		}
		if c.User != "" {
			users[c.User] = true
		}
		if c.Topic != 0 {
			topics[c.Topic] = true
			if c.Tokens {
				allTokens[c.Topic] = true
			}
		}
		if c.Token != "" {
			tokens[c.Token] = true
		}
	}
	if len(users) > 0 {
		maps.DeleteFunc(r.keys, func(_ Fingerprint, k *keyRecord) bool { return users[k.UserID] })
		maps.DeleteFunc(r.sessions, func(_ sessionName, s *sessionRecord) bool { return users[s.UserID] })
	}
	if len(topics) > 0 {
		maps.DeleteFunc(r.topics, func(_ string, t *db.Topic) bool { return topics[t.ID] })
	}
	if len(allTokens)+len(tokens) > 0 {
		maps.DeleteFunc(r.tokens, func(_ Fingerprint, t *tokenRecord) bool { return allTokens[t.TopicID] || tokens[t.ID] })
	}
}

func (r *rightsCache) clear() {
	clear(r.topics)
	clear(r.tokens)
	clear(r.keys)
	clear(r.sessions)
	r.known.changed.Add(1)
}

// cached reads a record from a map of the cache, or loads it. A record that was loaded while rights changed may be the older
// one, so it is returned and not kept.
func cached[K comparable, V any](r *rightsCache, m map[K]*V, key K, load func() (*V, error)) (*V, error) {
	r.mu.RLock()
	v, generation := m[key], r.generation.Load()
	r.mu.RUnlock()
	if v != nil {
		return v, nil
	}
	v, err := load()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.generation.Load() == generation {
		m[key] = v
	}
	r.mu.Unlock()
	return v, nil
}

// topic reads a topic by name; nil when there is none.
func (r *rightsCache) topic(ctx context.Context, name string) (*db.Topic, error) {
	t, err := cached(r, r.topics, name, func() (*db.Topic, error) {
		t, err := r.d.Topic(ctx, name)
		return &t, err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return t, err
}

func (r *rightsCache) token(ctx context.Context, f Fingerprint) (*tokenRecord, error) {
	return cached(r, r.tokens, f, func() (*tokenRecord, error) {
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

func (r *rightsCache) key(ctx context.Context, f Fingerprint) (*keyRecord, error) {
	return cached(r, r.keys, f, func() (*keyRecord, error) {
		k, err := r.d.KeyByFingerprint(ctx, f[:])
		if err != nil {
			return nil, err
		}
		u, err := r.d.User(ctx, k.UserID)
		return &keyRecord{k, u}, err
	})
}

// sessionName is how a request names its session: a JWT by its id, a cookie by the fingerprint of its secret.
type sessionName struct {
	id     string
	cookie Fingerprint
}

func (r *rightsCache) session(ctx context.Context, name sessionName) (*sessionRecord, error) {
	return cached(r, r.sessions, name, func() (*sessionRecord, error) {
		s, err := r.findSession(ctx, name)
		if err != nil {
			return nil, err
		}
		u, err := r.d.User(ctx, s.UserID)
		return &sessionRecord{s, u}, err
	})
}

// findSession reads a session of the kind that the name is of: a cookie never opens one of the API, nor a JWT one of the
// dashboard.
func (r *rightsCache) findSession(ctx context.Context, name sessionName) (db.Session, error) {
	if name.id != "" {
		return r.d.APISession(ctx, name.id)
	}
	cookie := name.cookie
	return r.d.CookieSession(ctx, cookie[:])
}

// knownSecrets are the fingerprints of all tokens and keys, so that a guess costs no query. Ended and deleted ones may stay:
// a fingerprint that is known is looked up.
type knownSecrets struct {
	d       *db.DB
	changed atomic.Uint64 // grows when another process has changed rights
	loading sync.Mutex    // held while the store is read

	// guarded by mu
	mu     sync.RWMutex
	set    map[Fingerprint]struct{}
	loaded uint64 // changed, when the set was read
}

func (k *knownSecrets) learn(f Fingerprint) {
	k.mu.Lock()
	k.set[f] = struct{}{}
	k.mu.Unlock()
}

// has reports whether a fingerprint may be one of the store's. The first miss after a change by another process reads the
// store again; while the store cannot be read, only what is new is missed.
func (k *knownSecrets) has(f Fingerprint) bool {
	there, current := k.look(f)
	if there || current || k.load(context.Background()) != nil {
		return there
	}
	there, _ = k.look(f)
	return there
}

func (k *knownSecrets) look(f Fingerprint) (there, current bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, there = k.set[f]
	return there, k.loaded == k.changed.Load()
}

func (k *knownSecrets) load(ctx context.Context) error {
	k.loading.Lock()
	defer k.loading.Unlock()
	changed := k.changed.Load()
	if _, current := k.look(Fingerprint{}); current {
		return nil
	}
	var list []Fingerprint
	err := k.d.Fingerprints(ctx, func(f []byte) {
		if len(f) == len(Fingerprint{}) {
			list = append(list, Fingerprint(f))
		}
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	for _, f := range list {
		k.set[f] = struct{}{}
	}
	k.loaded = changed
	k.mu.Unlock()
	return nil
}
