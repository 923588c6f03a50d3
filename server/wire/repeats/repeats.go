// Package repeats stores the messages of payloads that say again what was said before, as Alertmanager sends them: only what is new
// becomes a message.
package repeats

import (
	"context"
	"sync"
	"time"

	"notifer/db"
)

const (
	repeatAfter = time.Hour        // an alert that has not changed is not reported again before, beside one that has
	pairWithin  = 45 * time.Second // a payload that says again what was stored just now is that of a second Alertmanager, or sent once more
)

// Groups stores such payloads. Its methods may be called from any goroutine.
type Groups struct {
	db    *db.DB
	turns [32]sync.Mutex // let the payloads about the alerts of a topic be stored one after the other

	mu     sync.Mutex
	starts map[alert]time.Time // of the newest firing that was reported, by the sender's clock
}

// New makes the Groups of an open store.
func New(d *db.DB) *Groups { return &Groups{db: d, starts: map[alert]time.Time{}} }

// alert is what a message is about.
type alert struct {
	topic int64
	key   string
}

// mostStarts bounds the memory of firings.
const mostStarts = 10_000

// Publish stores the messages of one payload that brings what has not changed along with what has, as Alertmanager does: it
// sends its whole group whenever one alert of it changes. Left out are those that say again, in the same words, that an alert is
// open, or that it is resolved. One that is so since after its last message is open once more: its end was not sent. since has that time
// of each message, zero for none. A payload that says nothing new is a reminder and stays whole, unless it says again what was stored
// just now: then nothing is stored, the messages get the ids of those that say it, and repeated is true.
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

// known are the alerts that messages are about, as they are stored.
func (g *Groups) known(ctx context.Context, all []*db.Message) (map[string]db.Alert, error) {
	keys := make([]string, 0, len(all))
	for _, x := range all {
		if key := x.Extras().Key; key != "" {
			keys = append(keys, key)
		}
	}
	return g.db.AlertsOf(ctx, all[0].TopicID, keys, true)
}

// news are the messages to store: those that say something new, else all.
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

// firesAnew reports whether an alert that is so since a moment is so once more: since after its last message. A sender whose clock runs
// ahead would always say that, so the moment must also be later than the one before it.
func (g *Groups) firesAnew(a alert, since, last time.Time) bool {
	if since.IsZero() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	before, known := g.starts[a]
	return since.After(last) && (!known || since.After(before))
}

// started notes since when alerts are so, once that is stored: what is sent again after a failure must still be new.
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
