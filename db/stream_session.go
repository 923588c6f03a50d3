package db

import (
	"context"
	"strings"
	"time"
)

// streamSessions is how many lists of topics are kept; those that expire first are deleted.
const streamSessions = 20_000

// CreateStreamSession stores a list of topic names under a short id until a moment.
func (d *DB) CreateStreamSession(topics []string, until time.Time) (string, error) {
	id := NewName("stream")
	return id, d.write(func(tx *Tx) error {
		if _, err := tx.exec("delete from stream_session where expires_at <= ?", tx.d.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.exec("delete from stream_session where id in (select id from stream_session order by expires_at desc limit -1 offset ?)", streamSessions-1)
		if err != nil {
			return err
		}
		_, err = tx.exec("insert into stream_session (id, topics, expires_at) values (?, ?, ?)",
			id, strings.Join(topics, ","), until.UnixMilli())
		return err
	})
}

// StreamSession returns the topic names stored under an id, or ErrNotFound.
func (d *DB) StreamSession(ctx context.Context, id string) ([]string, error) {
	var topics string
	err := d.row(ctx, "select topics from stream_session where id = ? and expires_at > ?",
		id, d.now().UnixMilli()).Scan(&topics)
	if err != nil {
		return nil, notFound(err)
	}
	return strings.Split(topics, ","), nil
}
