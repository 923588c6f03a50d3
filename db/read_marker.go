package db

import (
	"context"
	"database/sql"
	"errors"
)

// Visit notes up to which message an account has seen a topic.
func (d *DB) Visit(user string, topic int64, upTo ID) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec(`
			insert into visit (user_id, topic_id, message_id)
			values (?, ?, ?)
			on conflict (user_id, topic_id) do update
			set message_id = max(message_id, excluded.message_id)`, user, topic, upTo)
		return err
	})
}

// Visited is the newest message that an account has seen of a topic, 0 when it has seen none.
func (d *DB) Visited(ctx context.Context, user string, topic int64) (ID, error) {
	var id ID
	err := d.read.QueryRowContext(ctx, `
		select message_id
		from visit
		where user_id = ? and topic_id = ?`, user, topic).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, classify(err)
}

// VisitAll notes that an account has seen its topics up to a message.
func (d *DB) VisitAll(user string, upTo ID) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec(`
			insert into visit (user_id, topic_id, message_id)
			select ?1, t.id, newest.id
			from topic t
			join message newest on newest.id = (select max(id) from message where topic_id = t.id and id <= ?2)
			where t.owner_id = ?1
			on conflict (user_id, topic_id) do update
			set message_id = max(message_id, excluded.message_id)`, user, upTo)
		return err
	})
}

// Visits is how far an account has seen topics, by id. A topic that it has not seen is absent.
func (d *DB) Visits(ctx context.Context, user string) (map[int64]ID, error) {
	rows, err := d.read.QueryContext(ctx, "select topic_id, message_id from visit where user_id = ?", user)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	out := map[int64]ID{}
	for rows.Next() {
		var topic int64
		var id ID
		if err := rows.Scan(&topic, &id); err != nil {
			return nil, err
		}
		out[topic] = id
	}
	return out, classify(rows.Err())
}

// Unread counts a topic's messages since an account's last visit, up to limit.
func (d *DB) Unread(ctx context.Context, user string, topic int64, limit int) (int, error) {
	var n int
	err := d.read.QueryRowContext(ctx, `
		select count(*)
		from (
		  select 1
		  from message
		  where topic_id = ?1
		    and id > coalesce((select message_id from visit where user_id = ?2 and topic_id = ?1), 0)
		  limit ?3)`, topic, user, limit).Scan(&n)
	return n, classify(err)
}
