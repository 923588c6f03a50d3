package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Retention is what to keep where a topic has no rule of its own.
type Retention struct {
	Age   time.Duration // 0: for ever
	Bytes int64         // of the pages in use by the whole store; 0: any
	Share int           // of the disk space that the store has or could take, in percent; 0: any
	Audit time.Duration // of the activity log, daily counts and ended tokens; 0: for ever
	// Settled, if set, is called before every step; false ends the sweep, because the clock has jumped.
	Settled func() bool
	// Purged, if set, is called after every step with the highest id that is gone from a topic.
	Purged func(topic int64, upTo ID)
}

// row is what a sweep needs to know of a message.
type row struct {
	id   ID
	at   int64
	size int64
}

// Sweep deletes the messages that are not kept any more, those of deleted topics, idempotency keys that have expired, and old
// records of what happened, in steps that are writes of their own. It returns how many messages it deleted. The rules of a topic
// take precedence over those of r. It writes nothing when there is nothing to delete.
func (d *DB) Sweep(ctx context.Context, r Retention) (int, error) {
	s := &sweep{d: d, ctx: ctx, r: r, now: d.now()}
	for _, part := range []func() error{s.goneTopics, s.everyTopic, s.prune, s.wholeStore, s.pruneAlerts, s.pruneRead, s.unusedDevices, s.idempotency} {
		if err := part(); err != nil {
			return s.deleted, fmt.Errorf("retention: %w", classify(err))
		}
	}
	return s.deleted, nil
}

type sweep struct {
	d       *DB
	ctx     context.Context
	r       Retention
	now     time.Time
	deleted int
}

// stopped reports whether the sweep must end: its context has ended, or the clock is in doubt.
func (s *sweep) stopped() bool {
	return s.ctx.Err() != nil || (s.r.Settled != nil && !s.r.Settled())
}

// goneTopics deletes the messages of deleted topics.
func (s *sweep) goneTopics() error {
	for more := true; more && !s.stopped(); {
		var err error
		if more, err = s.d.sweepGone(); err != nil {
			return err
		}
	}
	return nil
}

// everyTopic applies the rules of age and size topic by topic.
func (s *sweep) everyTopic() error {
	rules, err := s.rules()
	if err != nil {
		return err
	}
	for _, t := range rules {
		if t.age > 0 {
			if err := s.byAge(t.id, s.now.Add(-t.age).UnixMilli()); err != nil {
				return err
			}
		}
		if t.bytes > 0 {
			if err := s.bySize(t.id, t.bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

type rule struct {
	id    int64
	age   time.Duration
	bytes int64
}

func (s *sweep) rules() ([]rule, error) {
	rows, err := s.d.read.QueryContext(s.ctx, `
		select id, coalesce(retention_ms, ?), coalesce(retention_bytes, 0)
		from topic`, s.r.Age.Milliseconds())
	return collect(rows, err, func(r scanner) (rule, error) {
		var t rule
		var ms int64
		err := r.Scan(&t.id, &ms, &t.bytes)
		t.age = time.Duration(ms) * time.Millisecond
		return t, err
	})
}

// byAge goes through the topic from its oldest message and stops at the first one that is kept. Messages that carry a time
// in the future come from a clock that ran ahead; they are passed over, so that they do not shield what follows them.
func (s *sweep) byAge(topic, cutoff int64) error {
	after := ID(0)
	for limit := 1; !s.stopped(); limit = retentionStep {
		rows, err := s.rows("select id, at, 0 from message where topic_id = ? and id > ? order by id limit ?", topic, after, limit)
		if err != nil || len(rows) == 0 {
			return err
		}
		var old []row
		kept := false
		for _, r := range rows {
			if at := s.storedAt(r); at < cutoff {
				old = append(old, r)
			} else if kept = at <= s.now.UnixMilli(); kept {
				break
			}
		}
		if err := s.remove(old); err != nil || kept {
			return err
		}
		after = rows[len(rows)-1].id
	}
	return nil
}

// storedAt is when a message was stored. Its id says that too, and a later time if the clock was behind: a board without a battery starts in
// 1970, and what it stores before its clock is set must not be deleted as soon as that has happened.
func (s *sweep) storedAt(r row) int64 {
	if at := r.id.Time().UnixMilli(); at <= s.now.UnixMilli() {
		return max(at, r.at)
	}
	return r.at
}

// idempotency forgets keys whose ten minutes are over, and those noted by a clock that ran ahead.
func (s *sweep) idempotency() error {
	past, future := s.now.Add(-IdempotencyWindow).UnixMilli(), s.now.Add(IdempotencyWindow).UnixMilli()
	for !s.stopped() {
		var n int64
		row := s.d.read.QueryRowContext(s.ctx, `
			select count(*)
			from (select 1 from idempotency where at < ? or at > ? limit ?)`, past, future, retentionStep)
		if err := row.Scan(&n); err != nil || n == 0 {
			return err
		}
		err := s.d.write(func(tx *Tx) error {
			_, err := tx.exec(`
				delete from idempotency
				where (topic_id, credential, key) in (
				  select topic_id, credential, key from idempotency where at < ? or at > ? limit ?)`, past, future, retentionStep)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sweep) rows(query string, args ...any) ([]row, error) {
	found, err := s.d.read.QueryContext(s.ctx, query, args...)
	return collect(found, err, func(r scanner) (kept row, err error) {
		err = r.Scan(&kept.id, &kept.at, &kept.size)
		return kept, err
	})
}

// remove deletes the messages of one step, subtracts them from the counts of their topics, and stores the highest id ever given, so that
// none is given twice when the newest message is deleted.
func (s *sweep) remove(rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	list := idList(rows)
	var n int64
	var gone []purged
	err := s.d.write(func(tx *Tx) (err error) {
		if err := tx.keepHighest(); err != nil {
			return err
		}
		n, gone, err = tx.removeMessages(list)
		return err
	})
	if err != nil {
		return err
	}
	s.deleted += int(n)
	for _, p := range gone {
		if s.r.Purged != nil {
			s.r.Purged(p.topic, p.upTo)
		}
	}
	return nil
}

// purged is the id up to which messages of a topic are gone.
type purged struct {
	topic int64
	upTo  ID
}

// idList is the rows' ids as json_each reads them.
func idList(rows []row) string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = strconv.FormatInt(int64(r.id), 10)
	}
	return "[" + strings.Join(ids, ",") + "]"
}

// removeMessages deletes the messages of a list of ids, notes per topic up to where messages are gone, so that a reader that
// resumes before that id learns it, and subtracts those that were counted from the count.
func (t *Tx) removeMessages(list string) (n int64, gone []purged, err error) {
	rows, err := t.query(`
		update topic
		set message_count = message_count - gone.counted, purged_to = max(purged_to, gone.newest)
		from (
		  select m.topic_id, max(m.id) as newest, sum(m.id <= t.counted_to) as counted
		  from message m
		  join topic t on t.id = m.topic_id
		  where m.id in (select value from json_each(?))
		  group by m.topic_id) as gone
		where topic.id = gone.topic_id
		returning id, purged_to`, list)
	gone, err = collect(rows, err, func(r scanner) (p purged, err error) {
		err = r.Scan(&p.topic, &p.upTo)
		return p, err
	})
	if err != nil {
		return 0, nil, err
	}
	n, err = t.exec("delete from message where id in (select value from json_each(?))", list)
	return n, gone, err
}
