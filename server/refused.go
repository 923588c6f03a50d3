package server

import (
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"notifer/db"
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

// refusedLog keeps the newest refusals per topic name.
type refusedLog struct {
	mu   sync.Mutex
	list map[int64][]Refused
	all  uint64

	lookups *rate.Limiter
	lines   *rate.Limiter
}

func newRefusedLog() *refusedLog {
	return &refusedLog{list: map[int64][]Refused{}, lookups: rate.NewLimiter(20, 20), lines: rate.NewLimiter(failedInAll, failedInAll)}
}

func (l *refusedLog) add(topic int64, r Refused) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	r.Serial = l.all
	list := l.list[topic]
	if list == nil && len(l.list) >= refusedTopics {
		for k := range l.list { // any other makes room
			delete(l.list, k)
			break
		}
	}
	if len(list) == refusedPerTopic {
		copy(list, list[1:])
		list[refusedPerTopic-1] = r
		return
	}
	l.list[topic] = append(list, r)
}

// newest lists a topic's refusals of the last day, the newest first.
func (l *refusedLog) newest(topic int64, now time.Time) []Refused {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Refused
	list := l.list[topic]
	for i := len(list) - 1; i >= 0; i-- {
		if now.Sub(list[i].At) < refusedFor {
			out = append(out, list[i])
		}
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
	for _, list := range l.list {
		for _, r := range list {
			if r.TokenID == token && now.Sub(r.At) < refusedFor {
				n++
			}
		}
	}
	return n
}

// refusedTopic finds the topic that a bad credential was for: in the store now and then, else only in memory, since a
// flood of wrong tokens for made-up names must not become a flood of queries. It takes as long for a name that exists
// as for one that does not.
func (s *Server) refusedTopic(c *call, name string) *db.Topic {
	if c.who != nil {
		return c.topic
	}
	if !s.refused.lookups.AllowN(c.began, 1) {
		return s.auth.CachedTopic(name)
	}
	t, err := s.d.Topic(c.r.Context(), name)
	if err != nil {
		return nil
	}
	return &t
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
	topic := s.refusedTopic(c, name)
	if topic == nil {
		return
	}
	status := 403
	if errors.Is(r.Kind, auth.ErrUnauthenticated) {
		status = 401
	}
	if r.Reason == auth.Expired && r.TokenID != "" {
		s.care.noteTried(r.TokenID)
	}
	text := r.Hint
	if text == "" {
		text = r.Detail
	}
	s.refused.add(topic.ID, Refused{At: c.began, Address: c.address, Via: c.route.Via, Status: status,
		Reason: r.Reason, Text: text, Secret: r.Secret, TokenID: r.TokenID})
}
