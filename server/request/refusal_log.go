package request

import (
	"errors"
	"iter"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"notifer/server/auth"
)

// Bounds of the memory of refusals.
const (
	refusedPerTopic = 20
	refusedTopics   = 1000
	refusedFor      = 24 * time.Hour
)

// Refusal is one refused request for a topic, kept in memory to answer "why is nothing arriving?". It holds at most the
// hint of a secret.
type Refusal struct {
	Serial  uint64
	At      time.Time
	Address netip.Addr
	Via     string
	Status  int
	Reason  auth.Reason
	Text    string
	Secret  string
	TokenID string
}

// nowhere is the id that no topic has. Refusals for names that do not exist are noted there and never read, so that they
// take as long as those for names that do.
const nowhere = 0

// RefusalLog keeps the newest refusals per topic.
type RefusalLog struct {
	mu   sync.Mutex
	list map[int64]*refusalRing
	all  uint64

	lookups *rate.Limiter
	lines   *rate.Limiter // of auth_failed
	sites   *rate.Limiter // lines about other sites: they must not use up those that fail2ban reads
	errors  *rate.Limiter // lines about unexpected errors
}

func newRefusalLog() *RefusalLog {
	return &RefusalLog{list: map[int64]*refusalRing{}, lookups: rate.NewLimiter(20, 20), lines: rate.NewLimiter(failedInAll, failedInAll),
		sites: rate.NewLimiter(1, failedBurst), errors: rate.NewLimiter(failedInAll, failedInAll)}
}

func (l *RefusalLog) add(topic int64, r Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if topic != nowhere {
		l.all++
	}
	r.Serial = l.all
	ring := l.list[topic]
	if ring == nil {
		if len(l.list) >= refusedTopics {
			for k := range l.list { // any other makes room
				delete(l.list, k)
				break
			}
		}
		ring = &refusalRing{}
		l.list[topic] = ring
	}
	ring.add(r)
}

// refusalRing holds the last refusals of one topic; the oldest stands at next once it is full.
type refusalRing struct {
	list []Refusal
	next int
}

func (g *refusalRing) add(r Refusal) {
	if len(g.list) < refusedPerTopic {
		g.list = append(g.list, r)
		return
	}
	g.list[g.next] = r
	g.next = (g.next + 1) % refusedPerTopic
}

// newest yields the refusals of the last day, the newest first.
func (g *refusalRing) newest(now time.Time) iter.Seq[*Refusal] {
	return func(yield func(*Refusal) bool) {
		for i := range g.list {
			r := &g.list[(g.next+len(g.list)-1-i)%len(g.list)]
			if now.Sub(r.At) < refusedFor && !yield(r) {
				return
			}
		}
	}
}

// Newest lists a topic's refusals of the last day, the newest first.
func (l *RefusalLog) Newest(topic int64, now time.Time) []Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	ring := l.list[topic]
	if ring == nil {
		return nil
	}
	var out []Refusal
	for r := range ring.newest(now) {
		out = append(out, *r)
	}
	return out
}

// Serial grows with every refusal.
func (l *RefusalLog) Serial() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// Tried counts the remembered refusals of one token.
func (l *RefusalLog) Tried(token string, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for topic, ring := range l.list {
		for r := range ring.newest(now) {
			if topic != nowhere && r.TokenID == token {
				n++
			}
		}
	}
	return n
}

// refusedTopic finds the topic that a bad credential was for, nowhere when there is none: in the store now and then, else
// only in memory, since a flood of wrong tokens for made-up names must not become a flood of queries. It takes as long for
// a name that exists as for one that does not.
func (s *Site) refusedTopic(c *Call, name string) int64 {
	topic := c.Topic
	if c.Who == nil {
		topic = s.Auth.CachedTopic(name)
		if s.Refusals.lookups.AllowN(c.Began, 1) {
			if topic != nil {
				s.wasteLookup(c)
			} else {
				topic, _ = s.Auth.Topic(c.R.Context(), name)
			}
		}
	}
	if topic == nil {
		return nowhere
	}
	return topic.ID
}

// noteRefusal remembers why a request for an existing topic was refused. Accounts that may not even know of the topic are
// not worth a line, and must not learn of it by the time it takes.
func (s *Site) noteRefusal(c *Call, err error) {
	r, ok := errors.AsType[*auth.Refusal](err)
	if !ok {
		return
	}
	s.logFailed(c, r)
	name := c.R.PathValue("topic")
	if name == "" || c.Route.Via == "" || c.Route.Via == ViaPage || errors.Is(r.Kind, auth.ErrNotFound) {
		return
	}
	if r.Reason == auth.Expired && r.TokenID != "" {
		s.NoteTried(r.TokenID)
	}
	status := 403
	if errors.Is(r.Kind, auth.ErrUnauthenticated) {
		status = 401
	}
	text := r.Hint
	if text == "" {
		text = r.Detail
	}
	s.Refusals.add(s.refusedTopic(c, name), Refusal{At: c.Began, Address: c.Address, Via: c.Route.Via, Status: status,
		Reason: r.Reason, Text: text, Secret: r.Secret, TokenID: r.TokenID})
}
