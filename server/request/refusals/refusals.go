// Package refusals remembers the newest refused requests of each topic, to answer "why is nothing arriving?". It writes no log and
// decides nothing.
package refusals

import (
	"iter"
	"net/netip"
	"slices"
	"sync"
	"time"

	"notifer/server/auth"
)

// Bounds of the memory of refusals.
const (
	perTopic   = 20
	mostTopics = 1000
	keptFor    = 24 * time.Hour
)

// Refusal is a request for a topic that was refused once or more for one reason, kept in memory to answer "why is nothing
// arriving?". It holds at most the hint of a secret.
type Refusal struct {
	Serial     uint64    // of the last time
	Group      uint64    // serial of the first time
	At         time.Time // the last time
	First      time.Time // the first time
	Times      int       // how often the same was refused
	before     time.Time // the time before the last
	Address    netip.Addr
	Via        string // publish, sse, ws, poll, or api
	Status     int    // 401 or 403
	Reason     auth.Reason
	Text       string // what the owner of the topic is told
	SecretHint string // hint of the secret, empty for none
	TokenID    string // of a token that was recognised
}

// Nowhere is the id that no topic has. Refusals for names that do not exist are noted there and never read, so that they
// take as long as those for names that do.
const Nowhere = 0

// Log keeps the newest refusals per topic. Its methods may be called from any goroutine.
type Log struct {
	mu   sync.Mutex
	list map[int64]*ring
	all  uint64
}

// New makes an empty log.
func New() *Log { return &Log{list: map[int64]*ring{}} }

// Add notes a refusal of a topic, or of Nowhere.
func (l *Log) Add(topic int64, r Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if topic != Nowhere {
		l.all++
	}
	r.Serial = l.all
	kept := l.list[topic]
	if kept == nil {
		if len(l.list) >= mostTopics {
			for k := range l.list { // any other makes room
				delete(l.list, k)
				break
			}
		}
		kept = &ring{}
		l.list[topic] = kept
	}
	kept.add(r)
}

// ring holds the last refusals of one topic, the newest last: each reason once for a sender, however often it came.
type ring struct {
	list []Refusal
}

func (g *ring) add(r Refusal) {
	r.Group, r.First, r.Times = r.Serial, r.At, 1
	i := slices.IndexFunc(g.list, r.same)
	if i >= 0 && r.At.Sub(g.list[i].At) < keptFor {
		r.Group, r.First, r.Times, r.before = g.list[i].Group, g.list[i].First, g.list[i].Times+1, g.list[i].At
	}
	if i < 0 && len(g.list) == perTopic {
		i = 0
	}
	if i >= 0 {
		g.list = slices.Delete(g.list, i, i+1)
	}
	g.list = append(g.list, r)
}

// same reports whether another refusal had the same reason and came from the same place.
func (r Refusal) same(o Refusal) bool {
	return r.Address == o.Address && r.Via == o.Via && r.Status == o.Status && r.Reason == o.Reason && r.Text == o.Text &&
		r.SecretHint == o.SecretHint && r.TokenID == o.TokenID
}

// newest yields the refusals of the last day, the newest first.
func (g *ring) newest(now time.Time) iter.Seq[*Refusal] {
	return func(yield func(*Refusal) bool) {
		for i := range slices.Backward(g.list) {
			r := &g.list[i]
			if now.Sub(r.At) < keptFor && !yield(r) {
				return
			}
		}
	}
}

// challenged is how long after a refusal a sender may have answered it.
const challenged = 10 * time.Second

// Answered takes back the last refusal for want of a credential, when the same place has sent one just after: programs that wait to be
// asked for a password were not refused.
func (l *Log) Answered(topic int64, from netip.Addr, via string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.list[topic]
	if kept == nil {
		return
	}
	i := slices.IndexFunc(kept.list, func(r Refusal) bool {
		return r.Reason == auth.NoCredential && r.Address == from && r.Via == via && now.Sub(r.At) < challenged
	})
	switch {
	case i < 0:
	case kept.list[i].Times == 1:
		kept.list = slices.Delete(kept.list, i, i+1)
	default:
		kept.list[i].Times--
		kept.list[i].At = kept.list[i].before
	}
}

// Newest lists a topic's refusals of the last 24 hours, the newest first: at most 20, each of which may stand for many requests.
func (l *Log) Newest(topic int64, now time.Time) []Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.list[topic]
	if kept == nil {
		return nil
	}
	var out []Refusal
	for r := range kept.newest(now) {
		out = append(out, *r)
	}
	return out
}

// Serial grows with every refusal of any topic; it begins anew with the process.
func (l *Log) Serial() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// CountOf counts the requests with one token that were refused in the last 24 hours, among those that are remembered.
func (l *Log) CountOf(token string, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for topic, kept := range l.list {
		for r := range kept.newest(now) {
			if topic != Nowhere && r.TokenID == token {
				n += r.Times
			}
		}
	}
	return n
}
