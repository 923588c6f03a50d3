package server

import (
	"errors"
	"iter"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"notifer/server/auth"
)

const logDebug = slog.LevelDebug

// Bounds of the memory of refusals.
const (
	refusedPerTopic = 20
	refusedTopics   = 1000
	refusedFor      = 24 * time.Hour
)

// Refused is one refused request for a topic, kept in memory to answer "why is nothing arriving?". It holds at most the
// hint of a secret.
type Refused struct {
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

// refusedLog keeps the newest refusals per topic.
type refusedLog struct {
	mu   sync.Mutex
	list map[int64]*refusedRing
	all  uint64

	lookups *rate.Limiter
	lines   *rate.Limiter // of auth_failed
	sites   *rate.Limiter // lines about other sites: they must not use up those that fail2ban reads
}

func newRefusedLog() *refusedLog {
	return &refusedLog{list: map[int64]*refusedRing{}, lookups: rate.NewLimiter(20, 20), lines: rate.NewLimiter(failedInAll, failedInAll),
		sites: rate.NewLimiter(1, failedBurst)}
}

func (l *refusedLog) add(topic int64, r Refused) {
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
		ring = &refusedRing{}
		l.list[topic] = ring
	}
	ring.add(r)
}

// refusedRing holds the last refusals of one topic; the oldest stands at next once it is full.
type refusedRing struct {
	list []Refused
	next int
}

func (g *refusedRing) add(r Refused) {
	if len(g.list) < refusedPerTopic {
		g.list = append(g.list, r)
		return
	}
	g.list[g.next] = r
	g.next = (g.next + 1) % refusedPerTopic
}

// newest yields the refusals of the last day, the newest first.
func (g *refusedRing) newest(now time.Time) iter.Seq[*Refused] {
	return func(yield func(*Refused) bool) {
		for i := range g.list {
			r := &g.list[(g.next+len(g.list)-1-i)%len(g.list)]
			if now.Sub(r.At) < refusedFor && !yield(r) {
				return
			}
		}
	}
}

// newest lists a topic's refusals of the last day, the newest first.
func (l *refusedLog) newest(topic int64, now time.Time) []Refused {
	l.mu.Lock()
	defer l.mu.Unlock()
	ring := l.list[topic]
	if ring == nil {
		return nil
	}
	var out []Refused
	for r := range ring.newest(now) {
		out = append(out, *r)
	}
	return out
}

// serial grows with every refusal.
func (l *refusedLog) serial() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// tried counts the remembered refusals of one token.
func (l *refusedLog) tried(token string, now time.Time) int {
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
func (s *Server) refusedTopic(c *call, name string) int64 {
	topic := c.topic
	if c.who == nil {
		topic = s.auth.CachedTopic(name)
		if s.refused.lookups.AllowN(c.began, 1) {
			if topic != nil {
				s.wasteLookup(c)
			} else {
				topic, _ = s.auth.Topic(c.r.Context(), name)
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
func (s *Server) noteRefusal(c *call, err error) {
	r, ok := errors.AsType[*auth.Refusal](err)
	if !ok {
		return
	}
	s.logFailed(c, r)
	name := c.r.PathValue("topic")
	if name == "" || c.route.Via == "" || c.route.Via == viaPage || errors.Is(r.Kind, auth.ErrNotFound) {
		return
	}
	if r.Reason == auth.Expired && r.TokenID != "" {
		s.care.noteTried(r.TokenID)
	}
	status := 403
	if errors.Is(r.Kind, auth.ErrUnauthenticated) {
		status = 401
	}
	text := r.Hint
	if text == "" {
		text = r.Detail
	}
	s.refused.add(s.refusedTopic(c, name), Refused{At: c.began, Address: c.address, Via: c.route.Via, Status: status,
		Reason: r.Reason, Text: text, Secret: r.Secret, TokenID: r.TokenID})
}
