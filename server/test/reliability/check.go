package reliability

import (
	"fmt"
	"sort"
)

// Check compares what clients recorded with the final log, oldest first, and returns every broken rule:
//
//	log          ids of the log rise, and no body is stored twice
//	durable      an acknowledged publish is in the log, under the id and with the body it was answered with
//	stored       a delivered message is in the log with that body
//	ordered      ids rise within what one client receives
//	unique       no client receives a message twice, unless it asked for it again
//	reliable     nothing is left out between two messages of one connection, nor at the end of a client that caught up
//	resumable    nothing is left out between the cursor of a join and the first message after it
//	bookmarkable a bookmark never covers a message that was not delivered
//
// Bodies must be unique per publish for the durable and log rules to mean something.
func Check(log, acks []Message, events []Event) []Violation {
	c := &checker{log: log, at: make(map[string]int, len(log)), clients: map[string]*follower{}}
	c.readLog()
	for _, a := range acks {
		c.durable(a)
	}
	for _, e := range events {
		c.step(e)
	}
	return c.found
}

type checker struct {
	log     []Message
	at      map[string]int // id -> index in log
	clients map[string]*follower
	found   []Violation
}

// follower is how far one client has come: next is the index in the log of the message it must get next.
type follower struct {
	next  int
	known bool // next means something: false for a live join until its first message or bookmark
	fresh bool // nothing was delivered since the last join
}

func (c *checker) readLog() {
	bodies := make(map[string]string, len(c.log))
	for i, m := range c.log {
		if i > 0 && m.ID <= c.log[i-1].ID {
			c.fail("log", "log", "id %s follows %s", m.ID, c.log[i-1].ID)
		}
		if first, ok := bodies[m.Body]; ok {
			c.fail("log", "log", "%q is stored twice, as %s and %s", m.Body, first, m.ID)
		}
		bodies[m.Body] = m.ID
		c.at[m.ID] = i
	}
}

func (c *checker) durable(a Message) {
	i, ok := c.at[a.ID]
	switch {
	case !ok:
		c.fail("durable", "publisher", "acknowledged %s (%q) is not in the log", a.ID, a.Body)
	case c.log[i].Body != a.Body:
		c.fail("durable", "publisher", "%s was acknowledged with %q, the log has %q", a.ID, a.Body, c.log[i].Body)
	}
}

func (c *checker) step(e Event) {
	f := c.clients[e.Client]
	if f == nil {
		f = &follower{}
		c.clients[e.Client] = f
	}
	switch e.Kind {
	case Joined:
		f.fresh = true
		if f.known = e.ID != ""; f.known {
			f.next = c.after(e.ID)
		}
	case Delivered:
		c.deliver(f, e)
	case Bookmarked:
		c.bookmark(f, e)
	case CaughtUp:
		if f.next < len(c.log) {
			c.fail("reliable", e.Client, "ended without %d messages, the first is %s", len(c.log)-f.next, c.log[f.next].ID)
		}
	}
}

func (c *checker) deliver(f *follower, e Event) {
	i, ok := c.at[e.ID]
	if !ok {
		c.fail("stored", e.Client, "got %s (%q), which is not in the log", e.ID, e.Body)
		return
	}
	if c.log[i].Body != e.Body {
		c.fail("stored", e.Client, "got %s with %q, the log has %q", e.ID, e.Body, c.log[i].Body)
	}
	if f.known {
		c.place(f, e, i)
	}
	f.known, f.fresh = true, false
	f.next = max(f.next, i+1)
}

// place compares where a message stands in the log with where the client stands.
func (c *checker) place(f *follower, e Event, i int) {
	switch {
	case i == f.next:
	case i == f.next-1:
		c.fail("unique", e.Client, "got %s again", e.ID)
	case i < f.next:
		c.fail("ordered", e.Client, "got %s after %s", e.ID, c.log[f.next-1].ID)
	case f.fresh:
		c.fail("resumable", e.Client, "joined before %s, but first got %s: %d left out", c.log[f.next].ID, e.ID, i-f.next)
	default:
		c.fail("reliable", e.Client, "got %s, but %d before it were left out, the first is %s", e.ID, i-f.next, c.log[f.next].ID)
	}
}

func (c *checker) bookmark(f *follower, e Event) {
	next := c.after(e.ID)
	if f.known && next > f.next {
		c.fail("bookmarkable", e.Client, "bookmark %s covers %s, which was not delivered", e.ID, c.log[f.next].ID)
	}
	if f.known && next < f.next && !f.fresh {
		c.fail("ordered", e.Client, "bookmark %s goes back behind %s", e.ID, c.log[f.next-1].ID)
	}
	f.known, f.next = true, next
}

// after is the index of the first log entry with a greater id.
func (c *checker) after(id string) int {
	return sort.Search(len(c.log), func(i int) bool { return c.log[i].ID > id })
}

func (c *checker) fail(rule, client, format string, args ...any) {
	c.found = append(c.found, Violation{rule, client, fmt.Sprintf(format, args...)})
}
