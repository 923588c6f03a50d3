package db

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// Alert is what the messages of one key are about. It is open until a message says that it is resolved; a message after that
// opens it again.
type Alert struct {
	TopicID    int64
	Key        string
	First      ID // the message that opened it
	Last       ID
	Count      int64 // messages since it was opened
	OpenedAt   time.Time
	ChangedAt  time.Time
	ResolvedAt time.Time // zero: open
	Since      time.Time // when it began, by its sender: the latest that was said; zero where none was
	Message    Message   // the last one; its ID is 0 when it has been deleted
}

// alert notes a message with a key. It runs before the message is inserted, in the same transaction.
func (w *writer) alert(m *Message) error {
	var resolved sql.NullInt64
	if m.resolved {
		resolved = sql.NullInt64{Int64: m.At.UnixMilli(), Valid: true}
	}
	_, err := w.conn.ExecContext(context.Background(), `
		insert into alert (topic_id, key, first_id, last_id, count, opened_at, changed_at, resolved_at, since)
		values (?1, ?2, ?3, ?3, 1, ?4, ?4, ?5, ?6)
		on conflict (topic_id, key) do update set
		  first_id = case when resolved_at is not null and excluded.resolved_at is null then excluded.first_id else first_id end,
		  opened_at = case when resolved_at is not null and excluded.resolved_at is null then excluded.opened_at else opened_at end,
		  count = case when resolved_at is not null and excluded.resolved_at is null then 1 else count + 1 end,
		  last_id = excluded.last_id, changed_at = excluded.changed_at, resolved_at = excluded.resolved_at,
		  since = max(coalesce(since, excluded.since), coalesce(excluded.since, since))`,
		m.TopicID, m.key, int64(m.ID), m.At.UnixMilli(), resolved, millis(m.Since))
	return err
}

const alertFields = "topic_id, key, first_id, last_id, count, opened_at, changed_at, resolved_at, since"

// alertBytes bounds the messages that are read with a list of alerts: a hundred of the default length fit.
const alertBytes = 8 << 20

// Alerts lists the alerts of a topic with their last messages, those that changed last first: only the open ones, or all of them. total is
// how many there are. When the messages have more than 8 MiB, those of the alerts that changed first are left out.
func (d *DB) Alerts(ctx context.Context, topic int64, open bool, offset, limit int) (list []Alert, total int, err error) {
	if err := d.row(ctx, `
		select count(*)
		from alert
		where topic_id = ? and (resolved_at is null or not ?)`, topic, open).Scan(&total); err != nil {
		return nil, 0, classify(err)
	}
	rows, err := d.read.QueryContext(ctx, `
		select `+alertFields+`
		from alert
		where topic_id = ? and (resolved_at is null or not ?)
		order by last_id desc
		limit ? offset ?`, topic, open, limit, offset)
	if list, err = collect(rows, err, scanAlert); err != nil {
		return nil, 0, err
	}
	return list, total, d.addLastMessages(ctx, list)
}

// addLastMessages fills in Message.
func (d *DB) addLastMessages(ctx context.Context, list []Alert) error {
	if len(list) == 0 {
		return nil
	}
	ids, of := make([]int64, len(list)), make(map[ID]*Alert, len(list))
	for i := range list {
		ids[i], of[list[i].Last] = int64(list[i].Last), &list[i]
	}
	return d.useMessages(ctx, func(messages []Message) error {
		for _, m := range messages {
			of[m.ID].Message = m
		}
		return nil
	}, alertBytes, `
		select `+messageFields+`
		from message
		where id in (`+marks(len(ids))+`)
		order by id desc`, arguments(ids))
}

func scanAlert(row scanner) (a Alert, err error) {
	var opened, changed int64
	var resolved, since sql.NullInt64
	err = row.Scan(&a.TopicID, &a.Key, &a.First, &a.Last, &a.Count, &opened, &changed, &resolved, &since)
	a.OpenedAt, a.ChangedAt, a.ResolvedAt, a.Since = time.UnixMilli(opened), time.UnixMilli(changed), moment(resolved), moment(since)
	return a, err
}

// AlertsOf returns the alerts of some keys of a topic by key, with their last messages, as Alerts does.
func (d *DB) AlertsOf(ctx context.Context, topic int64, keys []string) (map[string]Alert, error) {
	out := map[string]Alert{}
	if len(keys) == 0 {
		return out, nil
	}
	args := []any{topic}
	for _, k := range keys {
		args = append(args, k)
	}
	rows, err := d.read.QueryContext(ctx, `
		select `+alertFields+`
		from alert
		where topic_id = ? and key in (`+marks(len(keys))+`)`, args...)
	list, err := collect(rows, err, scanAlert)
	if err == nil {
		err = d.addLastMessages(ctx, list)
	}
	for _, a := range list {
		out[a.Key] = a
	}
	return out, err
}

// AlertKey names an alert among those of all topics.
type AlertKey struct {
	TopicID int64
	Key     string
}

// AlertsAmong returns the alerts of some topics and keys, without their messages: at most 16,000 in one call.
func (d *DB) AlertsAmong(ctx context.Context, keys []AlertKey) (map[AlertKey]Alert, error) {
	out := map[AlertKey]Alert{}
	if len(keys) == 0 {
		return out, nil
	}
	args := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		args = append(args, k.TopicID, k.Key)
	}
	// A row value with "in" would read the whole table.
	rows, err := d.read.QueryContext(ctx, `
		with wanted (topic_id, key) as (values `+strings.TrimSuffix(strings.Repeat("(?, ?), ", len(keys)), ", ")+`)
		select `+alertFields+`
		from wanted cross join alert using (topic_id, key)`, args...)
	list, err := collect(rows, err, scanAlert)
	for _, a := range list {
		out[AlertKey{a.TopicID, a.Key}] = a
	}
	return out, err
}

// OpenedWith returns the priority of the message that opened an alert, 0 when that has been deleted.
func (d *DB) OpenedWith(ctx context.Context, topic int64, key string) (priority int, err error) {
	err = d.row(ctx, `
		select coalesce((
		  select m.priority
		  from alert a join message m on m.id = a.first_id
		  where a.topic_id = ? and a.key = ?), 0)`, topic, key).Scan(&priority)
	return priority, classify(err)
}

// pruneAlerts deletes alerts whose last message retention has deleted.
func (s *sweep) pruneAlerts() error {
	for !s.stopped() {
		var n int
		if err := s.d.read.QueryRowContext(s.ctx, `
			select count(*)
			from alert a join topic t on t.id = a.topic_id
			where a.last_id <= t.purged_to`).Scan(&n); err != nil || n == 0 {
			return err
		}
		if err := s.d.write(func(tx *Tx) error {
			_, err := tx.exec(`
				delete from alert
				where (topic_id, key) in (
				  select a.topic_id, a.key
				  from alert a join topic t on t.id = a.topic_id
				  where a.last_id <= t.purged_to
				  limit ?)`, retentionStep)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
