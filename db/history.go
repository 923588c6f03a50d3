package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// pageBytes bounds one page of a history in memory, whatever its row limit.
const pageBytes = 1 << 20

// streamBytes bounds a page that a stream holds until its reader has taken it: hundreds of readers may be stalled at a time.
const streamBytes = 32 << 10

const messageFields = "id, topic_id, at, priority, title, body, tags, extra, sender, crc"

// MessagesAfter returns a topic's messages after an id, oldest first, at most limit and about 1 MiB of text.
// Fewer than limit may be returned though more exist: ask again after the last until none comes.
func (d *DB) MessagesAfter(ctx context.Context, topic int64, after ID, limit int) ([]Message, error) {
	return d.messages(ctx, `
		select `+messageFields+`
		from message
		where topic_id = ? and id > ?
		order by id
		limit ?`, topic, after, limit)
}

// MessagesBetween calls use with the messages of some topics with after < id <= upTo in the order of the log, at most limit
// and about 32 KiB of text. The list is valid during the call only.
func (d *DB) MessagesBetween(ctx context.Context, topics []int64, after, upTo ID, limit int, use func([]Message) error) error {
	return d.useMessages(unwatched(ctx, topics), use, streamBytes, `
		select `+messageFields+`
		from message
		where topic_id in (`+marks(len(topics))+`) and id > ? and id <= ?
		order by id
		limit ?`, arguments(topics, after, upTo, limit))
}

// marks is n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// arguments are the values for the placeholders of marks, and those that follow them.
func arguments(ids []int64, more ...any) []any {
	args := make([]any, 0, len(ids)+len(more))
	for _, id := range ids {
		args = append(args, id)
	}
	return append(args, more...)
}

// Message returns one message of a topic, or ErrNotFound.
func (d *DB) Message(ctx context.Context, topic int64, id ID) (Message, error) {
	list, err := d.messages(ctx, `
		select `+messageFields+`
		from message
		where topic_id = ? and id = ?`, topic, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Message{}, err
	}
	return list[0], nil
}

// NewestID is the id of the topic's newest message, 0 when it has none.
func (d *DB) NewestID(ctx context.Context, topic int64) (ID, error) {
	return d.edgeID(ctx, "select id from message where topic_id = ? order by id desc limit 1", topic)
}

// PurgedTo is the id up to which a topic's messages may have been purged by age, size or hand, 0 when none were.
func (d *DB) PurgedTo(ctx context.Context, topic int64) (ID, error) {
	return d.edgeID(ctx, "select purged_to from topic where id = ?", topic)
}

func (d *DB) edgeID(ctx context.Context, query string, topic int64) (ID, error) {
	var id ID
	err := d.row(ctx, query, topic).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, classify(err)
}
