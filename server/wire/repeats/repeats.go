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
}

// New makes the Groups of an open store.
func New(d *db.DB) *Groups { return &Groups{db: d} }

// Publish stores the messages of one payload that brings what has not changed along with what has, as Alertmanager does: it
// sends its whole group whenever one alert of it changes. Left out are those that say again, in the same words, that an alert is
// open, or that it is resolved. A payload that says nothing new is a reminder and stays whole, unless it says again what was stored
// just now: then nothing is stored, the messages get the ids of those that say it, and repeated is true.
//
// The topic's turn is kept until the messages are stored: of two payloads at once the later would otherwise be compared with what
// was known before both, and an alert that fires again would be taken for one that still does.
func (g *Groups) Publish(ctx context.Context, first *db.Message, more []*db.Message, idem *db.Idempotency) (news []*db.Message, repeated bool, err error) {
	turn := &g.turns[first.TopicID%int64(len(g.turns))]
	turn.Lock()
	defer turn.Unlock()
	all := append([]*db.Message{first}, more...)
	known, err := g.known(ctx, all)
	if err != nil {
		return nil, false, err
	}
	if news, repeated = g.news(all, known); repeated {
		return news, true, nil
	}
	return news, false, g.db.PublishAll(news[0], news[1:], idem)
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
func (g *Groups) news(all []*db.Message, known map[string]db.Alert) (news []*db.Message, repeated bool) {
	now := g.db.Now()
	unchanged, latest := 0, 2*repeatAfter // the age of what was stored last
	for _, x := range all {
		e := x.Extras()
		a, seen := known[e.Key]
		age := now.Sub(a.ChangedAt)
		same := seen && age >= 0 && a.ResolvedAt.IsZero() != e.Resolved && a.Message.Title == x.Title && a.Message.Body == x.Body
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
