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
		if err != nil {
			return err
		}
		return tx.forgetRead(user)
	})
}

// Visited returns the id up to which an account has seen a topic, 0 when it has not seen it.
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
		if err != nil {
			return err
		}
		return tx.forgetRead(user)
	})
}

// Visits returns, by topic, the id up to which an account has seen it. A topic that it has not seen is absent.
func (d *DB) Visits(ctx context.Context, user string) (map[int64]ID, error) {
	rows, err := d.read.QueryContext(ctx, "select topic_id, message_id from visit where user_id = ?", user)
	out := map[int64]ID{}
	return out, each(rows, err, func(row scanner) error {
		var topic int64
		var id ID
		err := row.Scan(&topic, &id)
		out[topic] = id
		return err
	})
}

// mostRead bounds how many single messages are asked about or marked at a time.
const mostRead = 500

// MarkRead notes that an account has read single messages, the first 500 of ids, of topics that it may read; patterns limit these, unless
// they are nil.
func (d *DB) MarkRead(user string, patterns []string, ids []ID) error {
	ids = ids[:min(len(ids), mostRead)]
	if len(ids) == 0 {
		return nil
	}
	return d.write(func(tx *Tx) error {
		args := append([]any{user, topicText(patterns)}, numbers(ids)...)
		_, err := tx.exec(`
			insert or ignore into message_read (user_id, topic_id, message_id)
			select u.id, t.id, m.id
			from message m
			join topic t on t.id = m.topic_id
			join user u on u.id = ?1
			where `+visible+`
			  and m.id > coalesce((select message_id from visit where user_id = u.id and topic_id = t.id), 0)
			  and m.id in (`+marks(len(ids))+`)`, args...)
		return err
	})
}

// visible is a condition on a topic t: the account u may read it, within the patterns ?2 unless they are null.
var visible = "(t.owner_id = u.id or ?2 is null and (t.access_level <> 'private' or u.is_admin)) and " + reaches("?2")

// ReadAmong returns which of some messages, the first 500 of ids, an account has read: by a visit to their topic, or singly. A deleted
// message counts as read, and so does one of a topic that the account may not read, or that the patterns leave out unless they are nil: no
// answer may tell that it is there.
func (d *DB) ReadAmong(ctx context.Context, user string, patterns []string, ids []ID) (map[ID]bool, error) {
	ids = ids[:min(len(ids), mostRead)]
	read := make(map[ID]bool, len(ids))
	if len(ids) == 0 {
		return read, nil
	}
	for _, id := range ids {
		read[id] = true
	}
	rows, err := d.read.QueryContext(ctx, `
		select m.id
		from message m
		join topic t on t.id = m.topic_id
		join user u on u.id = ?1
		where `+visible+` and `+unreadBy+` and m.id in (`+marks(len(ids))+`)`, append([]any{user, topicText(patterns)}, numbers(ids)...)...)
	return read, each(rows, err, func(row scanner) error {
		id, err := scanValue[ID](row)
		delete(read, id)
		return err
	})
}

// unreadBy is a condition on a message m: the account ?1 has not read it.
const unreadBy = `
	m.id > coalesce((select message_id from visit v where v.user_id = ?1 and v.topic_id = m.topic_id), 0)
	and ` + notReadSingly

// notReadSingly is the part of unreadBy about marks of single messages.
const notReadSingly = "not exists (select 1 from message_read r where r.user_id = ?1 and r.topic_id = m.topic_id and r.message_id = m.id)"

// forgetRead deletes the marks of single messages that a visit covers.
func (t *Tx) forgetRead(user string) error {
	_, err := t.exec(`
		delete from message_read
		where user_id = ?1 and message_id <= coalesce((select v.message_id from visit v where v.user_id = ?1 and v.topic_id = message_read.topic_id), 0)`, user)
	return err
}

func numbers(ids []ID) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	return args
}
