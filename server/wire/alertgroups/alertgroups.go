// Package alertgroups stores the messages of payloads that repeat what was said before, as Alertmanager sends them: only what is new becomes
// a message.
package alertgroups

import (
	"context"
	"errors"
	"sync"
	"time"

	"notifer/db"
)

const (
	repeatAfter = time.Hour        // an unchanged alert beside a changed one is reported again after this time
	pairWithin  = 45 * time.Second // a payload that repeats what was stored within this time comes from a second Alertmanager, or was sent twice
	mostAhead   = 24 * time.Hour   // no clock of a sender is further ahead
)

// Groups stores such payloads. Its methods may be called from any goroutine.
type Groups struct {
	db    *db.DB
	turns [32]sync.Mutex // let the payloads about the alerts of a topic be stored one after the other
}

// New makes the Groups of an open store.
func New(d *db.DB) *Groups { return &Groups{db: d} }

// Publish stores the messages of one payload that brings unchanged alerts along with changed ones, as Alertmanager does: it sends its
// whole group whenever one alert of it changes. A message is left out when it says again, in the same words, that an alert is open, or
// that it is resolved. An alert that began, by the Since of its message, after its last message is open anew, and its end was not sent. A
// Since that is more than a day ahead is ignored.
//
// A payload that says nothing new is a reminder and is stored whole, unless it repeats what was stored just before: then nothing is
// stored, the messages get the ids of those that they repeat, and repeated is true.
//
// The topic's turn is kept until the messages are stored: of two payloads at once the later would otherwise be compared with what
// was known before both, and an alert that fires again would be taken for one that still does.
func (g *Groups) Publish(ctx context.Context, first *db.Message, more []*db.Message, idem *db.Idempotency) (news []*db.Message, repeated bool, err error) {
	turn := &g.turns[first.TopicID%int64(len(g.turns))]
	turn.Lock()
	defer turn.Unlock()
	all := append([]*db.Message{first}, more...)
	if idem != nil { // what was stored under the same key, whatever is known of the alerts since
		if done, err := g.db.Repeats(first, idem); done || err != nil {
			return all, false, err
		}
	}
	for _, x := range all {
		if x.Since.After(g.db.Now().Add(mostAhead)) {
			x.Since = time.Time{} // noted as the latest, it would hide all that come after it
		}
	}
	known, err := g.known(ctx, all)
	if err != nil {
		return nil, false, err
	}
	if news, repeated = g.news(all, known); repeated {
		return news, true, nil
	}
	return news, false, g.db.PublishAll(news[0], news[1:], idem)
}

// known returns the stored alerts that messages are about, by key; none when the database is damaged where they are: it is better said
// twice than refused.
func (g *Groups) known(ctx context.Context, all []*db.Message) (map[string]db.Alert, error) {
	keys := make([]string, 0, len(all))
	for _, x := range all {
		if key := x.Extras().Key; key != "" {
			keys = append(keys, key)
		}
	}
	known, err := g.db.AlertsOf(ctx, all[0].TopicID, keys)
	if errors.Is(err, db.ErrCorrupt) {
		return nil, nil
	}
	return known, err
}

// news returns the messages to store: those that say something new, or all when none does.
func (g *Groups) news(all []*db.Message, known map[string]db.Alert) (news []*db.Message, repeated bool) {
	now := g.db.Now()
	unchanged, latest := 0, 2*repeatAfter // the age of what was stored last
	for _, x := range all {
		e := x.Extras()
		a, seen := known[e.Key]
		age := now.Sub(a.ChangedAt)
		same := seen && age >= 0 && a.ResolvedAt.IsZero() != e.Resolved && a.Message.Title == x.Title && a.Message.Body == x.Body
		if firesAnew(x, a) && !e.Resolved {
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

// firesAnew reports whether the alert of a message has fired anew: it began after its last message. By the clock of a sender that is
// ahead that is always so; therefore it must also have begun later than it ever did before.
func firesAnew(m *db.Message, a db.Alert) bool {
	began := m.Since.Truncate(time.Millisecond) // as the store keeps it
	return began.After(a.ChangedAt) && (a.Since.IsZero() || began.After(a.Since))
}
