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
