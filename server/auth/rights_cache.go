package auth

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"notifer/db"
	"notifer/server/auth/networks"
	"notifer/server/auth/secrets"
)

// rightsCache holds the records that rights are read from. A change made through this process removes the records it
// concerns before it is answered; a change by another process removes all within the writer's watch interval.
type rightsCache struct {
	d          *db.DB
	generation atomic.Uint64 // grows with every change of rights; written under mu

	// guarded by mu
	mu       sync.RWMutex
	topics   map[string]*db.Topic
	tokens   map[secrets.Fingerprint]*tokenRecord
	keys     map[secrets.Fingerprint]*keyRecord
	sessions map[sessionName]*sessionRecord

	known knownSecrets
}

type tokenRecord struct {
	db.Token
	ownerDisabled bool
	nets          networks.List
	sender        db.Sender // of what is published with it
}

type keyRecord struct {
	db.Key
	User   db.User
	sender db.Sender
}

type sessionRecord struct {
	db.Session
	User   db.User
	sender db.Sender
	key    *keyRecord // of a paired device: what it is limited by
}

func newRightsCache(ctx context.Context, d *db.DB) (*rightsCache, error) {
	r := &rightsCache{
		d:        d,
		topics:   map[string]*db.Topic{},
		tokens:   map[secrets.Fingerprint]*tokenRecord{},
		keys:     map[secrets.Fingerprint]*keyRecord{},
		sessions: map[sessionName]*sessionRecord{},
		known:    knownSecrets{d: d, set: map[secrets.Fingerprint]struct{}{}},
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
		maps.DeleteFunc(r.keys, func(_ secrets.Fingerprint, k *keyRecord) bool { return users[k.UserID] })
		maps.DeleteFunc(r.sessions, func(_ sessionName, s *sessionRecord) bool { return users[s.UserID] })
	}
	if len(topics) > 0 {
		maps.DeleteFunc(r.topics, func(_ string, t *db.Topic) bool { return topics[t.ID] })
	}
	if len(allTokens)+len(tokens) > 0 {
		maps.DeleteFunc(r.tokens, func(_ secrets.Fingerprint, t *tokenRecord) bool { return allTokens[t.TopicID] || tokens[t.ID] })
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
// one, so it is returned and not kept. It is kept under the key that load returns, since the one of a request may be a piece of its URL,
// all of which would stay in memory.
func cached[K comparable, V any](r *rightsCache, m map[K]*V, key K, load func() (K, *V, error)) (*V, error) {
	r.mu.RLock()
	v, generation := m[key], r.generation.Load()
	r.mu.RUnlock()
	if v != nil {
		return v, nil
	}
	kept, v, err := load()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.generation.Load() == generation {
		m[kept] = v
	}
	r.mu.Unlock()
	return v, nil
}

// topic reads a topic by name; nil when there is none.
func (r *rightsCache) topic(ctx context.Context, name string) (*db.Topic, error) {
	t, err := cached(r, r.topics, name, func() (string, *db.Topic, error) {
		t, err := r.d.Topic(ctx, name)
		return t.Name, &t, err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return t, err
}

func (r *rightsCache) token(ctx context.Context, f secrets.Fingerprint) (*tokenRecord, error) {
	return cached(r, r.tokens, f, func() (secrets.Fingerprint, *tokenRecord, error) {
		f := f // a copy here keeps the parameter off the heap on the usual way
		t, err := r.d.TokenByFingerprint(ctx, f[:])
		if err != nil {
			return f, nil, err
		}
		topic, err := r.d.Topic(ctx, t.Topic)
		if err != nil {
			return f, nil, err
		}
		nets, err := networks.Parse(t.Networks)
		return f, &tokenRecord{t, topic.OwnerDisabled, nets, db.Sender{Kind: db.SentByToken, ID: t.ID, Name: t.Name}}, err
	})
}

func (r *rightsCache) key(ctx context.Context, f secrets.Fingerprint) (*keyRecord, error) {
	return cached(r, r.keys, f, func() (secrets.Fingerprint, *keyRecord, error) {
		k, err := r.d.KeyByFingerprint(ctx, f[:])
		if err != nil {
			return f, nil, err
		}
		u, err := r.d.User(ctx, k.UserID)
		return f, newKeyRecord(k, u), err
	})
}

func newKeyRecord(k db.Key, u db.User) *keyRecord {
	return &keyRecord{k, u, db.Sender{Kind: db.SentByKey, ID: k.ID, Name: k.Name}}
}

// sessionName is how a request names its session: a JWT by its id, a cookie by the fingerprint of its secret.
type sessionName struct {
	id     string
	cookie secrets.Fingerprint
}

func (r *rightsCache) session(ctx context.Context, name sessionName) (*sessionRecord, error) {
	return cached(r, r.sessions, name, func() (sessionName, *sessionRecord, error) {
		s, err := r.findSession(ctx, name)
		if err != nil {
			return name, nil, err
		}
		u, err := r.d.User(ctx, s.UserID)
		by := db.Sender{Kind: db.SentByAccount, ID: u.ID, Name: u.Username}
		if err != nil || s.KeyID == "" {
			return name, &sessionRecord{s, u, by, nil}, err
		}
		k, err := r.d.Key(ctx, s.UserID, s.KeyID)
		return name, &sessionRecord{s, u, by, newKeyRecord(k, u)}, err
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
	set    map[secrets.Fingerprint]struct{}
	loaded uint64 // changed, when the set was read
}

func (k *knownSecrets) learn(f secrets.Fingerprint) {
	k.mu.Lock()
	k.set[f] = struct{}{}
	k.mu.Unlock()
}

// has reports whether a fingerprint may be one of the store's. The first miss after a change by another process reads the
// store again; while the store cannot be read, only what is new is missed.
func (k *knownSecrets) has(f secrets.Fingerprint) bool {
	there, current := k.look(f)
	if there || current || k.load(context.Background()) != nil {
		return there
	}
	there, _ = k.look(f)
	return there
}

func (k *knownSecrets) look(f secrets.Fingerprint) (there, current bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, there = k.set[f]
	return there, k.loaded == k.changed.Load()
}

func (k *knownSecrets) load(ctx context.Context) error {
	k.loading.Lock()
	defer k.loading.Unlock()
	changed := k.changed.Load()
	if _, current := k.look(secrets.Fingerprint{}); current {
		return nil
	}
	var list []secrets.Fingerprint
	err := k.d.Fingerprints(ctx, func(f []byte) {
		if len(f) == len(secrets.Fingerprint{}) {
			list = append(list, secrets.Fingerprint(f))
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
