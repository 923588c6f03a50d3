package db

import (
	"context"
	"slices"
	"sync"
)

// Sender is who sent a message. It is not changed once it is in use: messages share it.
type Sender struct {
	Kind string // SentByToken, SentByKey or SentByAccount
	ID   string
	Name string // as it is, or was last when the sender is gone
}

// The kinds of senders.
const (
	SentByToken   = "token"
	SentByKey     = "key"
	SentByAccount = "account"
)

// senderKey finds a sender of a topic by its id.
type senderKey struct {
	topic int64
	id    string
}

// numbered is what the store knows of a sender.
type numbered struct {
	number int64
	name   string
}

// keptSenders bounds each memory of senders; one that is full is forgotten.
const keptSenders = 10_000

// number returns the number of a message's sender in its topic. It writes when the sender is new there, or has another name.
func (w *writer) number(m *Message) (int64, error) {
	if m.Sender == nil {
		return 0, nil
	}
	key := senderKey{m.TopicID, m.Sender.ID}
	if n, ok := w.senders[key]; ok && n.name == m.Sender.Name {
		return n.number, nil
	}
	var n int64
	err := w.conn.QueryRowContext(context.Background(), `
		insert into sender (topic_id, number, kind, ref, name)
		values (?1, coalesce((select max(number) from sender where topic_id = ?1), 0) + 1, ?2, ?3, ?4)
		on conflict (topic_id, ref) do update
		set name = excluded.name
		returning number`, m.TopicID, m.Sender.Kind, m.Sender.ID, m.Sender.Name).Scan(&n)
	if err != nil {
		return 0, err
	}
	if len(w.senders) >= keptSenders {
		clear(w.senders)
	}
	w.senders[key], w.renamed = numbered{n, m.Sender.Name}, true
	return n, nil
}

// renameSender gives what a token or account has sent its new name.
func (t *Tx) renameSender(id, name string) error {
	_, err := t.exec("update sender set name = ? where ref = ? and name <> ?", name, id, name)
	return err
}

// senders are the senders of some topics by their numbers, in memory.
type senders struct {
	mu     sync.RWMutex
	round  uint64                      // grows with every drop
	topics map[int64]map[int64]*Sender // replaced as a whole
	count  int
}

// drop forgets all: some may have another name.
func (s *senders) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.round++
	s.topics, s.count = nil, 0
}

func (s *senders) of(topic int64) (map[int64]*Sender, uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.topics[topic], s.round
}

// keep remembers what was read in a round, unless that is over.
func (s *senders) keep(topic int64, list map[int64]*Sender, round uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.round != round {
		return
	}
	if s.topics == nil || s.count >= keptSenders {
		s.topics, s.count = map[int64]map[int64]*Sender{}, 0
	}
	s.count += len(list) - len(s.topics[topic])
	s.topics[topic] = list
}

// NameSenders sets the Sender of each message that has one.
func (d *DB) NameSenders(ctx context.Context, list []Message) error {
	var topic int64
	var known map[int64]*Sender
	var round uint64
	for i := range list {
		m := &list[i]
		if m.sender == 0 {
			continue
		}
		if m.TopicID != topic || known == nil {
			topic = m.TopicID
			known, round = d.senders.of(topic)
		}
		s := known[m.sender]
		if s == nil { // new since it was read, or forgotten
			var err error
			if known, err = d.readSenders(ctx, topic); err != nil {
				return err
			}
			d.senders.keep(topic, known, round)
			s = known[m.sender]
		}
		m.Sender = s
	}
	return nil
}

func (d *DB) readSenders(ctx context.Context, topic int64) (map[int64]*Sender, error) {
	rows, err := d.read.QueryContext(context.WithoutCancel(ctx), "select number, kind, ref, name from sender where topic_id = ?", topic)
	list := map[int64]*Sender{}
	return list, each(rows, err, func(row scanner) error {
		var n int64
		var s Sender
		err := row.Scan(&n, &s.Kind, &s.ID, &s.Name)
		list[n] = &s
		return err
	})
}

// Senders lists who has sent to any of some topics, by name, at most limit; one that sent to several is listed once.
func (d *DB) Senders(ctx context.Context, topics []int64, limit int) ([]Sender, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	rows, err := d.read.QueryContext(unwatched(ctx, topics), `
		select distinct kind, ref, name
		from sender
		where topic_id in (`+marks(len(topics))+`)
		order by name collate nocase, ref
		limit ?`, arguments(topics, limit)...)
	return collect(rows, err, func(row scanner) (s Sender, err error) {
		err = row.Scan(&s.Kind, &s.ID, &s.Name)
		return s, err
	})
}

// sentBy finds the numbers, by topic, of the senders that have a text as their id or name.
func (d *DB) sentBy(ctx context.Context, topics []int64, text string) (map[int64][]int64, error) {
	rows, err := d.read.QueryContext(unwatched(ctx, topics), `
		select topic_id, number
		from sender
		where topic_id in (`+marks(len(topics))+`) and (ref = ? or name = ? collate nocase)`, arguments(topics, text, text)...)
	found := map[int64][]int64{}
	return found, each(rows, err, func(row scanner) error {
		var topic, n int64
		err := row.Scan(&topic, &n)
		found[topic] = append(found[topic], n)
		return err
	})
}

// narrow restricts a search for a sender to the topics that it has sent to. It reports whether there are any.
func (d *DB) narrow(ctx context.Context, s *Search) (bool, error) {
	if s.Sender == "" {
		return true, nil
	}
	if len(s.Topics) == 0 {
		return false, nil
	}
	var err error
	if s.sentBy, err = d.sentBy(ctx, s.Topics, s.Sender); err != nil {
		return false, err
	}
	s.Topics = slices.DeleteFunc(slices.Clone(s.Topics), func(id int64) bool { return len(s.sentBy[id]) == 0 })
	return len(s.Topics) > 0, nil
}
