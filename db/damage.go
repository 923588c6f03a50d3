package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
)

// ErrDamaged says that a message does not match its checksum. It is an ErrCorrupt.
var ErrDamaged = fmt.Errorf("%w: a message does not match its checksum", ErrCorrupt)

// What readers get in the place of a damaged message.
const (
	damagedTitle    = "Damaged message"
	damagedText     = "This message is damaged in the database, so its text is not shown."
	damagedPriority = 3
)

// mostDamaged bounds what is remembered: of a store with more damage, the rest is not worth more lines in the log.
const mostDamaged = 1000

// hideDamage leaves nothing of a message but its place in the log, with a text that says why. The place is the key of its row, which
// the index led to, and says when it was stored; every other field may be what was damaged.
func (m *Message) hideDamage() {
	*m = Message{ID: m.ID, TopicID: m.TopicID, At: m.ID.Time(), Priority: damagedPriority, Title: damagedTitle, HasTitle: true,
		Body: damagedText, Damaged: true}
}

// damage is which messages were found damaged since the store was opened. Damaged forgets those that have been deleted.
type damage struct {
	mu    sync.Mutex
	found map[ID]struct{}
}

// note remembers a damaged message and reports whether it is a new one.
func (d *damage) note(id ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.found[id]; known || len(d.found) >= mostDamaged {
		return false
	}
	if d.found == nil {
		d.found = map[ID]struct{}{}
	}
	d.found[id] = struct{}{}
	return true
}

// keep forgets those of ids that are not in list, and leaves room for others.
func (d *damage) keep(ids []int64, list []Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(m Message) bool { return m.ID == ID(id) }) {
			delete(d.found, ID(id))
		}
	}
}

// noteDamage logs each damaged message once.
func (d *DB) noteDamage(list []Message) {
	for i := range list {
		if m := &list[i]; m.Damaged && d.damage.note(m.ID) {
			d.log.Error("a message is damaged", "id", m.ID.String(), "topic_id", m.TopicID, "try", "notifer check")
		}
	}
}

// Damaged lists the messages, at most 1,000, that were read since the store was opened, did not match their checksums, and have not been
// deleted since: their ids, and the names of their topics.
func (d *DB) Damaged(ctx context.Context) ([]Message, error) {
	d.damage.mu.Lock()
	ids := make([]int64, 0, len(d.damage.found))
	for id := range d.damage.found {
		ids = append(ids, int64(id))
	}
	d.damage.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := d.read.QueryContext(ctx, `
		select m.id, t.id, t.name
		from message m left join topic t on t.id = m.topic_id
		where m.id in (`+marks(len(ids))+`)
		order by m.id`, arguments(ids)...)
	list, err := collect(rows, err, func(row scanner) (m Message, err error) {
		var topic sql.NullInt64
		var name sql.NullString
		m.Damaged = true
		err = row.Scan(&m.ID, &topic, &name)
		m.TopicID, m.Topic = topic.Int64, name.String
		return m, err
	})
	if err != nil {
		return nil, err
	}
	d.damage.keep(ids, list)
	// Where the topic is what was damaged, the message has no address to be told of.
	return slices.DeleteFunc(list, func(m Message) bool { return m.Topic == "" }), nil
}
