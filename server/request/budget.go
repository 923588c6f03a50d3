package request

import (
	"net/http"
	"sync"
	"time"
)

// leastBudget is how many bytes of bodies, and how many of replies, the server holds at least.
const leastBudget = 16 << 20

// Budget bounds the bytes that requests hold at a time: in all, for callers without a credential, and for one caller. Counting
// connections bounds nothing here, as each may hold a megabyte. The zero Budget holds nothing.
type Budget struct {
	mu                   sync.Mutex
	all, open, one, mine int // bounds: in all; without a credential; of one address; of one credential
	held, heldOpen       int
	by                   map[string]int
}

// set changes the bounds so that the largest single thing always fits.
func (b *Budget) set(largest int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = max(leastBudget, 2*largest)
	b.open, b.mine, b.one = max(b.all/2, largest), max(b.all/2, largest), max(b.all/8, largest)
	if b.by == nil {
		b.by = map[string]int{}
	}
}

// take counts n more bytes for a caller, unless there is no room for them.
func (b *Budget) take(key string, open bool, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	share := b.mine
	if open {
		share = b.one
	}
	if b.held+n > b.all || b.by[key]+n > share || open && b.heldOpen+n > b.open {
		return false
	}
	b.add(key, open, n)
	return true
}

func (b *Budget) give(key string, open bool, n int) {
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

// payer is who the bytes of a call are counted for: its credential, or its address.
func (c *Call) payer() (key string, open bool) {
	if c.pays == "" {
		c.paysOpen = c.Who == nil || c.Who.Anonymous()
		if c.paysOpen {
			c.pays = Network(c.Address).String()
		} else {
			c.pays = c.Who.Credential()
		}
	}
	return c.pays, c.paysOpen
}

// hold counts bytes of the body until the call ends.
func (c *Call) hold(n int) error {
	if n <= 0 {
		return nil
	}
	key, open := c.payer()
	if !c.Site.bodies.take(key, open, n) {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "the server holds as many unfinished requests as it may: try again later",
			After: 2 * time.Second}
	}
	c.held += n
	return nil
}

// release gives back what the call holds.
func (c *Call) release() {
	c.EndPage()
	if c.held == 0 && c.unread == 0 {
		return
	}
	key, open := c.payer()
	c.Site.bodies.give(key, open, c.held)
	c.Site.replies.give(key, open, c.unread)
}
