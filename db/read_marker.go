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
		if err != nil {
			return err
		}
		return tx.forgetRead(user)
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
		  from message m
		  where m.topic_id = ?2 and `+unreadBy+`
		  limit ?3)`, user, topic, limit).Scan(&n)
	return n, classify(err)
}

// mostRead bounds how many single messages are asked about or marked at a time.
const mostRead = 500

// MarkRead notes that an account has read single messages of topics that it may read; patterns limit these, unless they are nil.
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
			where (t.owner_id = u.id or ?2 is null and (t.access_level <> 'private' or u.is_admin)) and `+reaches("?2")+`
			  and m.id > coalesce((select message_id from visit where user_id = u.id and topic_id = t.id), 0)
			  and m.id in (`+marks(len(ids))+`)`, args...)
		return err
	})
}

// ReadAmong are those of some messages that an account has read, by a visit of their topic or singly, or that are gone.
func (d *DB) ReadAmong(ctx context.Context, user string, ids []ID) (map[ID]bool, error) {
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
		where `+unreadBy+` and m.id in (`+marks(len(ids))+`)`, append([]any{user}, numbers(ids)...)...)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		delete(read, id)
	}
	return read, classify(rows.Err())
}

// unreadBy is a condition on a message m: the account ?1 has not read it.
const unreadBy = `
	m.id > coalesce((select message_id from visit v where v.user_id = ?1 and v.topic_id = m.topic_id), 0)
	and ` + notSingly

// notSingly is the part of it about single messages.
const notSingly = "not exists (select 1 from message_read r where r.user_id = ?1 and r.topic_id = m.topic_id and r.message_id = m.id)"

// forgetRead drops what single messages are marked for, where a visit covers them.
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
