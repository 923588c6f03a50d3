package db

import (
	"context"
	"time"
)

// DayCount is the number of messages of one day, which is named by its midnight in UTC.
type DayCount struct {
	Day   time.Time
	Count int64
}

// MessageDays counts a topic's messages per day since a moment; days without any are left out.
func (d *DB) MessageDays(ctx context.Context, topic int64, since time.Time) ([]DayCount, error) {
	rows, err := d.read.QueryContext(ctx, `
		select day, count
		from message_day
		where topic_id = ? and day >= ?
		order by day`, topic, day(since))
	return collect(rows, err, scanDay)
}

// AllMessageDays counts the messages of all topics per day since a moment.
func (d *DB) AllMessageDays(ctx context.Context, since time.Time) ([]DayCount, error) {
	rows, err := d.read.QueryContext(ctx, `
		select day, sum(count)
		from message_day
		where day >= ?
		group by day
		order by day`, day(since))
	return collect(rows, err, scanDay)
}

// OwnMessageDays counts the messages of an account's topics per day since a moment; only of those that fit patterns, unless
// these are nil.
func (d *DB) OwnMessageDays(ctx context.Context, owner string, patterns []string, since time.Time) ([]DayCount, error) {
	rows, err := d.read.QueryContext(ctx, `
		select day, sum(count)
		from message_day
		where topic_id in (select t.id from topic t where t.owner_id = ?1 and `+reaches("?2")+`) and day >= ?3
		group by day
		order by day`, owner, topicText(patterns), day(since))
	return collect(rows, err, scanDay)
}

func scanDay(row scanner) (DayCount, error) {
	var n, count int64
	err := row.Scan(&n, &count)
	return DayCount{startOfDay(n), count}, err
}
