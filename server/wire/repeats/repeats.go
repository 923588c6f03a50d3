// Package repeats stores the messages of payloads that repeat what was said before, as Alertmanager sends them: only what is new becomes
// a message.
package repeats

import (
	"context"
	"sync"
	"time"

	"notifer/db"
)

const (
	repeatAfter = time.Hour        // an unchanged alert beside a changed one is reported again after this time
	pairWithin  = 45 * time.Second // a payload that repeats what was stored within this time comes from a second Alertmanager, or was sent twice
)

// Groups stores such payloads. Its methods may be called from any goroutine.
type Groups struct {
	db    *db.DB
	turns [32]sync.Mutex // let the payloads about the alerts of a topic be stored one after the other

	mu     sync.Mutex
	starts map[alert]time.Time // when each alert that was reported last began, by the sender's clock
}

// New makes the Groups of an open store.
func New(d *db.DB) *Groups { return &Groups{db: d, starts: map[alert]time.Time{}} }

// alert is what a message is about.
type alert struct {
	topic int64
	key   string
}

// mostStarts bounds starts.
const mostStarts = 10_000

// Publish stores the messages of one payload that brings unchanged alerts along with changed ones, as Alertmanager does: it sends its
// whole group whenever one alert of it changes. A message is left out when it says again, in the same words, that an alert is open, or
// that it is resolved. since is when the alert of each message began, zero where the payload does not say: one that began after its last
// message is open anew, and its end was not sent.
//
// A payload that says nothing new is a reminder and is stored whole, unless it repeats what was stored just before: then nothing is
// stored, the messages get the ids of those that they repeat, and repeated is true.
//
// The topic's turn is kept until the messages are stored: of two payloads at once the later would otherwise be compared with what
// was known before both, and an alert that fires again would be taken for one that still does.
func (g *Groups) Publish(ctx context.Context, first *db.Message, more []*db.Message, since []time.Time, idem *db.Idempotency) (news []*db.Message, repeated bool, err error) {
	turn := &g.turns[first.TopicID%int64(len(g.turns))]
	turn.Lock()
	defer turn.Unlock()
	all := append([]*db.Message{first}, more...)
	known, err := g.known(ctx, all)
	if err != nil {
		return nil, false, err
	}
	if news, repeated = g.news(all, since, known); repeated {
		return news, true, nil
	}
	if err = g.db.PublishAll(news[0], news[1:], idem); err == nil {
		g.started(all, since)
	}
	return news, false, err
}

// known returns the stored alerts that messages are about, by key.
func (g *Groups) known(ctx context.Context, all []*db.Message) (map[string]db.Alert, error) {
	keys := make([]string, 0, len(all))
	for _, x := range all {
		if key := x.Extras().Key; key != "" {
			keys = append(keys, key)
		}
	}
	return g.db.AlertsOf(ctx, all[0].TopicID, keys, true)
}

// news returns the messages to store: those that say something new, or all when none does.
func (g *Groups) news(all []*db.Message, since []time.Time, known map[string]db.Alert) (news []*db.Message, repeated bool) {
	now := g.db.Now()
	unchanged, latest := 0, 2*repeatAfter // the age of what was stored last
	for i, x := range all {
		e := x.Extras()
		a, seen := known[e.Key]
		age := now.Sub(a.ChangedAt)
		same := seen && age >= 0 && a.ResolvedAt.IsZero() != e.Resolved && a.Message.Title == x.Title && a.Message.Body == x.Body
		if g.firesAnew(alert{x.TopicID, e.Key}, since[i], a.ChangedAt) && !e.Resolved {
			same = false
		}
		if same {
			unchanged, latest = unchanged+1, min(latest, age)
		}
		if !same || age >= repeatAfter {
			news = append(news, x)
		}
	}
	if unchanged == len(all) && latest < pairWithin {
		for _, x := range all {
			last := known[x.Extras().Key].Message
			x.ID, x.At = last.ID, last.At
		}
		return all, true
	}
	if len(news) == 0 {
		return all, false
	}
	return news, false
}

// firesAnew reports whether an alert that began at since has fired anew: after its last message. By the clock of a sender that is ahead
// that is always so; therefore it must also have begun later than when it was last reported.
func (g *Groups) firesAnew(a alert, since, last time.Time) bool {
	if since.IsZero() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	before, known := g.starts[a]
	return since.After(last) && (!known || since.After(before))
}

// started notes when alerts began, once they are stored: what is sent again after a failed write must still be new.
func (g *Groups) started(all []*db.Message, since []time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, x := range all {
		a := alert{x.TopicID, x.Extras().Key}
		if before, known := g.starts[a]; since[i].IsZero() || known && !since[i].After(before) {
			continue
		}
		if len(g.starts) >= mostStarts {
			clear(g.starts)
		}
		g.starts[a] = since[i]
	}
}
