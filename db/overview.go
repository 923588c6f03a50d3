package db

import (
	"context"
	"time"
)

// Overview is what a list shows of one topic: messages per day, those the account has not seen, and the newest.
type Overview struct {
	Days                []DayCount
	Unread              int  // up to the caller's bound
	Urgent              bool // one of the newest unread messages has the highest priority
	Pinned              bool
	LastTitle, LastText string // of the newest; its text may be cut
	LastMarkdown        bool   // whether its text is Markdown
}

// urgentAmong is how many unread messages are looked at for an urgent one: they are read for it, not only counted.
const urgentAmong = 100

// Overviews reads the overview of several topics for an account: days since a moment, unread messages up to most.
func (d *DB) Overviews(ctx context.Context, user string, topics []int64, since time.Time, most int) (map[int64]Overview, error) {
	out := make(map[int64]Overview, len(topics))
	if len(topics) == 0 {
		return out, nil
	}
	if err := d.overviewDays(ctx, out, topics, since); err != nil {
		return nil, err
	}
	return out, d.overviewNews(ctx, out, user, topics, most)
}

func (d *DB) overviewDays(ctx context.Context, out map[int64]Overview, topics []int64, since time.Time) error {
	rows, err := d.read.QueryContext(ctx, `
		select topic_id, day, count
		from message_day
		where topic_id in (`+marks(len(topics))+`) and day >= ?
		order by topic_id, day`, arguments(topics, day(since))...)
	return each(rows, err, func(row scanner) error {
		var topic, n, count int64
		err := row.Scan(&topic, &n, &count)
		o := out[topic]
		o.Days = append(o.Days, DayCount{startOfDay(n), count})
		out[topic] = o
		return err
	})
}

func (d *DB) overviewNews(ctx context.Context, out map[int64]Overview, user string, topics []int64, most int) error {
	rows, err := d.read.QueryContext(ctx, `
		with seen as (
		  select t.id, coalesce((select v.message_id from visit v where v.user_id = ?1 and v.topic_id = t.id), 0) as place
		  from topic t
		  where t.id in (`+marks(len(topics))+`))
		select t.id,
		  (select count(*)
		   from (select 1 from message m where m.topic_id = t.id and m.id > t.place and `+notReadSingly+` limit ?)),
		  exists (
		    select 1
		    from (select priority from message m where m.topic_id = t.id and m.id > t.place and `+notReadSingly+` order by m.id desc limit ?)
		    where priority = 5),
		  exists (select 1 from pin where pin.topic_id = t.id and pin.user_id = ?1),
		  coalesce(last.title, ''), coalesce(substr(last.body, 1, 600), ''), coalesce(last.extra, '')
		from seen t
		left join message last on last.id = (select max(m.id) from message m where m.topic_id = t.id)`,
		append([]any{user}, arguments(topics, most, urgentAmong)...)...)
	return each(rows, err, func(row scanner) error {
		var topic int64
		var o Overview
		var extra string
		err := row.Scan(&topic, &o.Unread, &o.Urgent, &o.Pinned, &o.LastTitle, &o.LastText, &extra)
		o.LastMarkdown = readExtras(extra).Markdown
		o.Days = out[topic].Days
		out[topic] = o
		return err
	})
}
