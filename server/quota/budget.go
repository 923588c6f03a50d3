// Package quota counts what callers hold and how often they come: bytes, turns, places and rates, each within bounds. It knows neither
// requests nor credentials; a caller is a key.
package quota

import "sync"

// Budget bounds the bytes that requests hold at a time: in all, for callers without a credential, and for one caller. Counting
// connections bounds nothing here, as each may hold a megabyte. The zero Budget holds nothing.
type Budget struct {
	mu                   sync.Mutex
	all, open, one, mine int // bounds: in all; without a credential; of one address; of one credential
	held, heldOpen       int
	by                   map[string]int
}

// Set changes the bounds to a number of bytes in all, and to more when two of the largest single thing would not fit.
func (b *Budget) Set(all, largest int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = max(all, 2*largest)
	b.open, b.mine, b.one = max(b.all/2, largest), max(b.all/2, largest), max(b.all/8, largest)
	if b.by == nil {
		b.by = map[string]int{}
	}
}

// Take counts n more bytes for a caller, unless there is no room for them. A caller that holds nothing may take more than its share:
// else a page that is larger would never be seen.
func (b *Budget) Take(key string, open bool, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	share := b.mine
	if open {
		share = b.one
	}
	if b.held+n > b.all || b.by[key] > 0 && b.by[key]+n > share || open && b.heldOpen+n > b.open {
		return false
	}
	b.add(key, open, n)
	return true
}

// Give gives back what was taken.
func (b *Budget) Give(key string, open bool, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(key, open, -n)
}

func (b *Budget) add(key string, open bool, n int) {
	b.held += n
	if open {
		b.heldOpen += n
	}
	if b.by[key] += n; b.by[key] == 0 {
		delete(b.by, key)
	}
}
