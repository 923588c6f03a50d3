package db

import (
	"context"
	"sync"
)

// topicNames are the names of topics by their ids, in memory: a name never changes.
type topicNames struct {
	mu    sync.RWMutex
	round uint64 // grows with every drop
	names map[int64]string
}

// keptNames bounds the memory of names; one that is full is forgotten.
const keptNames = 10_000

// drop forgets all: some topics may be gone.
func (t *topicNames) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round++
	t.names = nil
}

func (t *topicNames) of(topic int64) (name string, round uint64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.names[topic], t.round
}

// keep remembers what was read in a round, unless that is over.
func (t *topicNames) keep(topic int64, name string, round uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.round != round || name == "" {
		return
	}
	if t.names == nil || len(t.names) >= keptNames {
		t.names = map[int64]string{}
	}
	t.names[topic] = name
}

// NameTopics sets the Topic of each message; that of one whose topic is being deleted stays empty.
func (d *DB) NameTopics(ctx context.Context, list []Message) error {
	var topic int64
	var name string
	for i := range list {
		m := &list[i]
		if i == 0 || m.TopicID != topic {
			var err error
			if name, err = d.topicName(ctx, m.TopicID); err != nil {
				return err
			}
			topic = m.TopicID
		}
		m.Topic = name
	}
	return nil
}

func (d *DB) topicName(ctx context.Context, topic int64) (string, error) {
	name, round := d.names.of(topic)
	if name != "" {
		return name, nil
	}
	names, err := d.TopicNames(ctx, []int64{topic})
	if err == nil {
		d.names.keep(topic, names[topic], round)
	}
	return names[topic], err
}

// TopicNames returns the names of topics by their ids.
func (d *DB) TopicNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	labels, err := d.TopicLabels(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for id, l := range labels {
		names[id] = l.Name
	}
	return names, nil
}

// TopicLabel is the name and the icon of a topic.
type TopicLabel struct{ Name, IconName, IconColor string }

// TopicLabels returns the labels of topics by their ids.
func (d *DB) TopicLabels(ctx context.Context, ids []int64) (map[int64]TopicLabel, error) {
	rows, err := d.read.QueryContext(unwatched(ctx, ids), "select id, name, icon_name, icon_color from topic where id in ("+marks(len(ids))+")", arguments(ids)...)
	labels := map[int64]TopicLabel{}
	return labels, each(rows, err, func(row scanner) error {
		var id int64
		var l TopicLabel
		err := row.Scan(&id, &l.Name, &l.IconName, &l.IconColor)
		labels[id] = l
		return err
	})
}
