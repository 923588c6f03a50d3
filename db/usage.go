package db

import (
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Use is one request that presented a valid token or key.
type Use struct {
	Address netip.Addr
	Via     string // publish, sse, ws, poll, or api
	Refused bool   // answered 403; or 401, for want of a signature
	InURL   bool
	Old     bool // the secret before the last rotation
}

// usage counts in memory; the counts join the next message's transaction, or are flushed when they have waited.
type usage struct {
	mu     sync.Mutex
	tokens map[string]*tokenUse
	keys   map[string]*keyUse
	warned map[string]*tokenWarning
	topics map[int64]struct{} // topics with messages that are not counted yet
	serial uint64             // grows with every use of a token, and when uses are written

	// Flushes are numbered, and each writes its number into the store with its counts. A reader that finds number n in the
	// snapshot of its row adds the counts of the later flushes only, whenever they commit.
	number   int64  // of this flush; of the usage that counts now: that of the last one that committed
	flushing *usage // in progress, or failed: the next one takes it along
	flushed  *usage // the last one that committed, for readers whose snapshot is older
}

type tokenUse struct {
	ok, refused   int64
	last, oldLast time.Time
	url           time.Time
	address       netip.Addr
	via           string
	addresses     map[netip.Addr]int64
}

type keyUse struct {
	count int64
	last  time.Time
}

// tokenWarning counts messages that had to be corrected, and keeps what the last one needed.
type tokenWarning struct {
	count int64
	text  string
	at    time.Time
}

func newUsage() *usage {
	return &usage{tokens: map[string]*tokenUse{}, keys: map[string]*keyUse{}, warned: map[string]*tokenWarning{}, topics: map[int64]struct{}{}}
}

// CountToken notes one use of a token. It is cheap and writes nothing by itself.
func (d *DB) CountToken(id string, u Use) {
	now := d.now()
	d.usage.mu.Lock()
	defer d.usage.mu.Unlock()
	t := d.usage.tokens[id]
	if t == nil {
		t = &tokenUse{addresses: map[netip.Addr]int64{}}
		d.usage.tokens[id] = t
	}
	t.add(u, now)
	d.usage.serial++
}

// NoteWarning notes that a message published with a token had to be corrected, and how. It writes nothing by itself.
func (d *DB) NoteWarning(token, text string) {
	d.usage.mu.Lock()
	defer d.usage.mu.Unlock()
	d.usage.addWarning(token, &tokenWarning{1, text, d.now()})
	d.usage.serial++
}

func (u *usage) addWarning(token string, w *tokenWarning) {
	if have := u.warned[token]; have != nil {
		have.count += w.count
		have.text, have.at = w.text, w.at
		return
	}
	u.warned[token] = w
}

// forgetOld drops the last use of the secret that a token had before its rotation. After another rotation it would count as a use of
// the secret that is replaced then.
func (u *usage) forgetOld(token string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, from := range []*usage{u, u.flushing} {
		if from == nil {
			continue
		}
		if t := from.tokens[token]; t != nil {
			t.oldLast = time.Time{}
		}
	}
}

// RefuseUse makes a use of a token that was counted as accepted a refused one, since its request was refused later. A use that is being
// written to the store just then stays as it was counted.
func (d *DB) RefuseUse(token string) {
	d.usage.mu.Lock()
	defer d.usage.mu.Unlock()
	if t := d.usage.tokens[token]; t != nil && t.ok > 0 {
		t.ok--
		t.refused++
		d.usage.serial++
	}
}

// TokenUses grows with every use of a token, and when uses are written to the store. A caller that remembers it learns cheaply
// whether there is something new to read.
func (d *DB) TokenUses() uint64 {
	d.usage.mu.Lock()
	defer d.usage.mu.Unlock()
	return d.usage.serial
}

func (t *tokenUse) add(u Use, now time.Time) {
	if u.Refused {
		t.refused++
	} else {
		t.ok++
	}
	t.last, t.address, t.via = now, u.Address, u.Via
	if u.Old {
		t.oldLast = now
	}
	if u.InURL {
		t.url = now
	}
	t.from(u.Address, 1)
}

// countedAddresses bounds the addresses of a token between two flushes.
const countedAddresses = 64

// from counts uses by address.
func (t *tokenUse) from(a netip.Addr, n int64) {
	if len(t.addresses) < countedAddresses || t.addresses[a] > 0 {
		t.addresses[a] += n
	}
}

// CountKey notes one use of an API key.
func (d *DB) CountKey(id string) {
	now := d.now()
	d.usage.mu.Lock()
	defer d.usage.mu.Unlock()
	k := d.usage.keys[id]
	if k == nil {
		k = &keyUse{}
		d.usage.keys[id] = k
	}
	k.count++
	k.last = now
}

func (u *usage) message(topic int64) {
	u.mu.Lock()
	u.topics[topic] = struct{}{}
	u.mu.Unlock()
}

// dirty reports whether there is something to write, such as what a failed flush has left.
func (u *usage) dirty() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.flushing != nil || len(u.tokens)+len(u.keys)+len(u.warned)+len(u.topics) > 0
}

// flushDue reports whether counters should join this batch: with a message when a second has passed, else after ten.
func (w *writer) flushDue() bool {
	wait := 10 * time.Second
	if !w.idle() {
		wait = time.Second
	}
	if w.flushAsked() {
		wait = 0
	}
	since := w.d.now().Sub(w.flushed)
	return (since >= wait || since < 0) && w.d.usage.dirty()
}

// flushAsked reports whether the batch demands a flush.
func (w *writer) flushAsked() bool {
	return slices.ContainsFunc(w.batch, func(j *job) bool { return j.flush })
}

// takeCounts moves the counts into a flush; what is counted from now on belongs to the next one.
func (u *usage) takeCounts() *usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.flushing == nil {
		u.flushing = newUsage()
		u.flushing.number = u.number + 1
	}
	f := u.flushing
	for id, t := range u.tokens {
		f.mergeToken(id, t)
	}
	for id, k := range u.keys {
		f.mergeKey(id, k)
	}
	for id, w := range u.warned {
		f.addWarning(id, w)
	}
	maps.Copy(f.topics, u.topics)
	clear(u.tokens)
	clear(u.keys)
	clear(u.warned)
	clear(u.topics)
	return f
}

func (u *usage) mergeToken(id string, t *tokenUse) {
	have := u.tokens[id]
	if have == nil {
		u.tokens[id] = t
		return
	}
	have.ok += t.ok
	have.refused += t.refused
	have.last, have.address, have.via = t.last, t.address, t.via
	if !t.oldLast.IsZero() {
		have.oldLast = t.oldLast
	}
	if !t.url.IsZero() {
		have.url = t.url
	}
	for a, n := range t.addresses {
		have.from(a, n)
	}
}

func (u *usage) mergeKey(id string, k *keyUse) {
	if have := u.keys[id]; have != nil {
		have.count += k.count
		have.last = k.last
		return
	}
	u.keys[id] = k
}

// committed notes that the transaction of the flush has committed.
func (u *usage) committed() {
	u.mu.Lock()
	if len(u.flushing.tokens) > 0 {
		u.serial++
	}
	u.number = u.flushing.number
	u.flushing, u.flushed = nil, u.flushing
	u.mu.Unlock()
}

// flushNumber is the number of the last flush that is part of what a query sees.
const flushNumber = "coalesce((select cast(value as integer) from setting where name = 'usage_flush'), 0)"

// after lists the counts that are missing from a row whose snapshot holds flush n, the oldest first. The caller holds mu.
func (u *usage) after(n int64) []*usage {
	list := make([]*usage, 0, 3)
	for _, from := range []*usage{u.flushed, u.flushing} {
		if from != nil && from.number > n {
			list = append(list, from)
		}
	}
	return append(list, u)
}

// pendingToken adds what is not written yet to a token read from the store.
func (u *usage) pendingToken(t *Token, flush int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, from := range u.after(flush) {
		t.add(from.tokens[t.ID])
		if w := from.warned[t.ID]; w != nil {
			t.WarningCount += w.count
			t.LastWarning, t.LastWarningAt = w.text, w.at
		}
	}
}

func (u *usage) pendingKey(k *Key, flush int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, from := range u.after(flush) {
		if from.keys[k.ID] == nil {
			continue
		}
		k.RequestCount += from.keys[k.ID].count
		k.LastUsedAt = from.keys[k.ID].last
	}
}
