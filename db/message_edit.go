package db

import "strings"

// UpdateMessage lets change alter a message of a topic and stores its title, text, priority and tags, in one transaction:
// of two changes at once neither undoes the other. change names the fields it altered, for the activity log; without any
// nothing is stored. It fails with ErrNotFound when the message is gone, and with the error of change,
// which must not write to the store.
func (d *DB) UpdateMessage(topic int64, id ID, by By, change func(*Message) ([]string, error)) (m Message, err error) {
	err = d.write(func(tx *Tx) error {
		if m, err = tx.message(topic, id); err != nil {
			return err
		}
		changed, err := alter(tx, &m, change)
		if err != nil || len(changed) == 0 {
			return err
		}
		if err := tx.updateMessage(&m); err != nil {
			return err
		}
		return tx.audit(Audit{By: by, Verb: "message.update", TopicID: topic, Topic: m.Topic,
			Detail: m.ID.String() + ": " + strings.Join(changed, ", ")})
	})
	return m, err
}

// message reads a message with the name of its topic.
func (t *Tx) message(topic int64, id ID) (m Message, err error) {
	rows, err := t.query("select "+messageFields+" from message where topic_id = ? and id = ?", topic, id)
	list, err := collect(rows, err, func(scanner) (m Message, err error) {
		err = m.scanRow(rows)
		return m, err
	})
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return m, err
	}
	m = list[0]
	err = notFound(t.row("select name from topic where id = ?", topic).Scan(&m.Topic))
	return m, err
}

func (t *Tx) updateMessage(m *Message) error {
	at := m.At.UnixMilli()
	var title any
	if m.HasTitle {
		title = m.Title
	}
	_, err := t.exec(`
		update message
		set priority = ?, title = ?, body = ?, tags = nullif(?, ''), extra = nullif(?, ''), crc = ?
		where id = ? and topic_id = ?`,
		m.Priority, title, m.Body, m.Tags, m.extra, int64(m.checksum(new(checksumHead), m.TopicID, at)), m.ID, m.TopicID)
	return err
}

// DeleteMessage removes one message of a topic; ErrNotFound when it is gone.
func (d *DB) DeleteMessage(topic int64, id ID, by By) error {
	return d.write(func(tx *Tx) error {
		if err := tx.keepHighest(); err != nil {
			return err
		}
		n, err := tx.deleteMessages(topic, id-1, id, 1)
		if err := someRow(n, err); err != nil {
			return err
		}
		if _, err := tx.exec("delete from alert where topic_id = ? and last_id = ?", topic, int64(id)); err != nil {
			return err
		}
		var name string
		if err := tx.row("select name from topic where id = ?", topic).Scan(&name); err != nil {
			return notFound(err)
		}
		return tx.audit(Audit{By: by, Verb: "message.delete", TopicID: topic, Topic: name, Detail: id.String()})
	})
}

// keepHighest stores the highest id ever given, so that deleting the newest message does not free its id.
func (t *Tx) keepHighest() error {
	return t.setSetting("highest_id", digits(int64(t.d.w.last)))
}

// deleteMessages deletes up to limit of a topic's messages with after < id <= upTo, oldest first, and corrects its count.
func (t *Tx) deleteMessages(topic int64, after, upTo ID, limit int) (int64, error) {
	if err := t.countMessages(topic); err != nil {
		return 0, err
	}
	n, err := t.exec(`
		delete from message
		where id in (
		  select id from message where topic_id = ? and id > ? and id <= ? order by id limit ?)`,
		topic, after, upTo, limit)
	if err != nil {
		return 0, err
	}
	_, err = t.exec("update topic set message_count = max(message_count - ?, 0) where id = ?", n, topic)
	return n, err
}

// retentionStep is how many rows one transaction deletes, so that publishing never waits long behind it.
const retentionStep = 500

// PurgeTopic deletes a topic's messages up to an id, in steps; publishing goes on in between. It returns how many were deleted, even when
// a later step fails.
func (d *DB) PurgeTopic(topic int64, upTo ID) (deleted int64, err error) {
	for {
		var n int64
		err := d.write(func(tx *Tx) error {
			var err error
			if err = tx.keepHighest(); err == nil {
				n, err = tx.deleteMessages(topic, 0, upTo, retentionStep)
			}
			if err == nil && n > 0 {
				_, err = tx.exec("update topic set purged_to = max(purged_to, ?) where id = ?", upTo, topic)
			}
			return err
		})
		if err != nil {
			return deleted, err
		}
		if deleted += n; n < retentionStep {
			return deleted, nil
		}
	}
}

// sweepGone deletes one step of the messages of deleted topics and reports whether there may be more.
func (d *DB) sweepGone() (more bool, err error) {
	err = d.write(func(tx *Tx) error {
		var topic int64
		rows, err := tx.query("select topic_id from topic_gone limit 1")
		list, err := collect(rows, err, scanValue[int64])
		if err != nil || len(list) == 0 {
			return err
		}
		topic, more = list[0], true
		if err := tx.keepHighest(); err != nil {
			return err
		}
		n, err := tx.deleteMessages(topic, 0, idMax, retentionStep)
		if err != nil || n == retentionStep {
			return err
		}
		for _, q := range []string{
			"delete from message_day where topic_id = ?",
			"delete from idempotency where topic_id = ?",
			"delete from sender where topic_id = ?",
			"delete from topic_gone where topic_id = ?",
		} {
			if _, err := tx.exec(q, topic); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}
