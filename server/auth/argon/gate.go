package argon

import (
	"context"
	"slices"
	"sync"
)

// gate hands out the permits to compute argon2id. Strangers' passwords wait in lanes, one for each network they come from, and
// the lanes take turns: however many addresses of one network try passwords, a caller from another one is next. Everything
// else, such as a token whose fingerprint is known, takes turns with the strangers as a whole.
type gate struct {
	mu        sync.Mutex
	free      int
	known     []*ticket
	lanes     []*lane // of strangers, in the order of their turns; none is empty
	strangers int     // waiting in all lanes
	turn      bool    // the strangers are next
}

type lane struct {
	name  string
	queue []*ticket
}

// ticket is a caller that waits; done receives nil with the permit, or ErrBusy when it has to make room.
type ticket struct{ done chan error }

func newGate(permits int) *gate { return &gate{free: permits} }

// enter waits for a permit. A stranger waits in the lane that is named; a known caller names none. When as many strangers wait as are
// allowed, a further one takes the place of the last in the longest lane, which fails with ErrBusy, or fails with it if its own lane would be
// as long.
func (g *gate) enter(ctx context.Context, lane string) error {
	g.mu.Lock()
	if g.free > 0 {
		g.free--
		g.mu.Unlock()
		return nil
	}
	t := &ticket{make(chan error, 1)}
	if lane == "" {
		g.known = append(g.known, t)
	} else if !g.queue(lane, t) {
		g.mu.Unlock()
		return ErrBusy
	}
	g.mu.Unlock()
	select {
	case err := <-t.done:
		return err
	case <-ctx.Done():
		g.leave(t)
		return ctx.Err()
	}
}

func (g *gate) queue(name string, t *ticket) bool {
	i := slices.IndexFunc(g.lanes, func(l *lane) bool { return l.name == name })
	length := 0
	if i >= 0 {
		length = len(g.lanes[i].queue)
	}
	if g.strangers >= passwordWait {
		longest := slices.MaxFunc(g.lanes, func(a, b *lane) int { return len(a.queue) - len(b.queue) })
		if len(longest.queue) <= length+1 {
			return false
		}
		last := len(longest.queue) - 1
		longest.queue[last].done <- ErrBusy
		longest.queue = longest.queue[:last]
		g.strangers--
	}
	if i < 0 {
		g.lanes, i = append(g.lanes, &lane{name: name}), len(g.lanes)
	}
	g.lanes[i].queue = append(g.lanes[i].queue, t)
	g.strangers++
	return true
}

// leave takes a caller that waits no longer out of the queues. One that was handed a permit meanwhile passes it on.
func (g *gate) leave(t *ticket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.known, t); i >= 0 {
		g.known = slices.Delete(g.known, i, i+1)
		return
	}
	for i, l := range g.lanes {
		if k := slices.Index(l.queue, t); k >= 0 {
			l.queue = slices.Delete(l.queue, k, k+1)
			g.strangers--
			if len(l.queue) == 0 {
				g.lanes = slices.Delete(g.lanes, i, i+1)
			}
			return
		}
	}
	if err := <-t.done; err == nil {
		g.pass()
	}
}

// exit gives a permit back.
func (g *gate) exit() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pass()
}

// pass hands a permit to the next caller. The caller holds mu.
func (g *gate) pass() {
	strangers := len(g.lanes) > 0 && (g.turn || len(g.known) == 0)
	g.turn = !strangers
	switch {
	case strangers:
		l := g.lanes[0]
		l.queue[0].done <- nil
		g.strangers--
		if g.lanes, l.queue = g.lanes[1:], l.queue[1:]; len(l.queue) > 0 {
			g.lanes = append(g.lanes, l)
		}
	case len(g.known) > 0:
		g.known[0].done <- nil
		g.known = g.known[1:]
	default:
		g.free++
	}
}
