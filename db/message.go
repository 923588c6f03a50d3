package db

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
	"unsafe"
)

// Message is one row of the log. Title is absent when HasTitle is false. Tags are joined by commas. The bounds of the texts are those of
// package manage; the store takes any.
type Message struct {
	ID       ID // given by Publish: the place in the log
	TopicID  int64
	Topic    string    // the topic's name, which the caller sets: rows hold only the id
	At       time.Time // given by Publish: the wall clock at the commit
	Priority int       // 1 to 5
	Title    string
	HasTitle bool
	Body     string
	Tags     string
	Sender   *Sender   // who sent it, nil when that is unknown: given to Publish, and set by NameSenders
	Since    time.Time // when the alert of its key began, by the sender's clock: given to Publish, zero where that is not known
	Damaged  bool      // what was stored does not match its checksum: the texts say so instead
	extra    string    // see Extras
	sender   int64     // number of the sender in the topic, 0 when there is none
	key      string    // of its extras, until it is stored
	resolved bool
}

// TagList is the tags as a list, never nil.
func (m *Message) TagList() []string {
	if m.Tags == "" {
		return []string{}
	}
	return strings.Split(m.Tags, ",")
}

func (m *Message) size() int { return len(m.Body) + len(m.Title) + len(m.Tags) + len(m.extra) + 64 }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksumHead is room for what a checksum covers beside the texts.
type checksumHead [48]byte

// checksum covers every stored field, with lengths so that text cannot move between them.
func (m *Message) checksum(head *checksumHead, topic, at int64) uint32 {
	b := binary.LittleEndian.AppendUint64(head[:0], uint64(m.ID))
	b = binary.LittleEndian.AppendUint64(b, uint64(topic))
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = append(b, byte(m.Priority))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.Title)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.Body)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.Tags)))
	if m.sender != 0 {
		b = binary.LittleEndian.AppendUint64(b, uint64(m.sender))
	}
	c := crc32.Update(0, castagnoli, b)
	for _, s := range [...]string{m.Title, m.Body, m.Tags, m.extra} {
		c = crcString(c, s)
	}
	return c
}

// IdempotencyWindow is how long after the first message a repeat finds it. It is stored for no longer.
const IdempotencyWindow = 10 * time.Minute

// Idempotency makes a publish repeatable: the same credential, key and digest within IdempotencyWindow find the first message.
type Idempotency struct {
	Credential string
	Key        string
	Digest     []byte // of the request
	Repeated   bool   // set by Publish: the first message was found
	More       int    // set with Repeated: messages that were stored with the first one, under the ids that follow its own
}

// Publish stores a message and returns when it is on the disk. It fills in ID and At. With idem, a repeat fills m with
// the first message's ID and At and stores nothing; the same key with another digest fails with ErrReused.
// It fails with ErrNotFound when the topic is gone, ErrFull when the disk is, and ErrIO when the store cannot be
// written; then no subscriber has seen the message.
func (d *DB) Publish(m *Message, idem *Idempotency) error { return d.PublishAll(m, nil, idem) }

// PublishAll is Publish for a message and more that belong to it: all of them are stored in one transaction, under one id after the
// other, or none. With idem, a repeat is found by the first of them.
func (d *DB) PublishAll(m *Message, more []*Message, idem *Idempotency) error {
	j := jobs.Get().(*job)
	defer func() {
		*j = job{wake: j.wake}
		jobs.Put(j)
	}()
	j.msg, j.more, j.idem = m, more, idem
	return d.w.write(j)
}

// appendJob checks that the topic exists, gives the messages of a job their ids and times, and puts them among those to be inserted. A
// repeat gets those of the first message.
func (w *writer) appendJob(j *job) error {
	m := j.msg
	if _, ok := w.live[m.TopicID]; !ok {
		var there bool
		row := w.conn.QueryRowContext(context.Background(), "select exists (select 1 from topic where id = ?)", m.TopicID)
		if err := row.Scan(&there); err != nil {
			return err
		}
		if !there {
			return ErrNotFound
		}
		w.live[m.TopicID] = struct{}{}
	}
	now := w.d.now()
	if j.idem != nil {
		if done, err := repeat(w.conn, m, j.idem, now); done || err != nil {
			return err
		}
	}
	if err := w.appendMessage(m, now); err != nil {
		return err
	}
	if j.idem != nil {
		if err := w.storeIdempotency(m, j.idem, len(j.more)); err != nil {
			return err
		}
	}
	for _, next := range j.more {
		if err := w.appendMessage(next, now); err != nil {
			return fmt.Errorf("one of several messages: %w", err)
		}
	}
	return nil
}

// appendMessage does that for one message. Messages that are appended in a row within a millisecond get consecutive ids.
func (w *writer) appendMessage(m *Message, now time.Time) (err error) {
	if m.sender, err = w.number(m); err != nil {
		return err
	}
	w.last = w.last.next(now)
	m.ID, m.At = w.last, now.Truncate(time.Millisecond)
	w.sent = append(w.sent, m)
	w.d.usage.message(m.TopicID)
	if m.key == "" {
		return nil
	}
	return w.alert(m)
}

// Repeats does what PublishAll does for a repeat, and reports whether the message is one. It stores nothing. It fails with ErrReused as
// PublishAll does.
func (d *DB) Repeats(m *Message, idem *Idempotency) (bool, error) {
	done, err := repeat(d.read, m, idem, d.now())
	return done, classify(err)
}

// repeat looks for an earlier publish under the same key. One from the future, noted while the clock was ahead, is
// ignored: it would swallow messages for as long.
func repeat(conn querier, m *Message, i *Idempotency, now time.Time) (bool, error) {
	var digest []byte
	var id ID
	var at int64
	var more int
	err := conn.QueryRowContext(context.Background(), `
		select digest, message_id, at, more
		from idempotency
		where topic_id = ? and credential = ? and key = ? and at > ? and at < ?`,
		m.TopicID, i.Credential, i.Key, now.Add(-IdempotencyWindow).UnixMilli(), now.Add(IdempotencyWindow).UnixMilli()).Scan(&digest, &id, &at, &more)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if subtle.ConstantTimeCompare(digest, i.Digest) != 1 {
		return false, ErrReused
	}
	m.ID, m.At, i.Repeated, i.More = id, time.UnixMilli(at), true, more
	return true, nil
}

func (w *writer) storeIdempotency(m *Message, i *Idempotency, more int) error {
	_, err := w.conn.ExecContext(context.Background(), `
		insert or replace into idempotency (topic_id, credential, key, digest, message_id, at, more)
		values (?, ?, ?, ?, ?, ?, ?)`,
		m.TopicID, i.Credential, i.Key, i.Digest, m.ID, m.At.UnixMilli(), more)
	return err
}

// insertForms are the row counts of the prepared insert: 1, 2, 4 ... 64 rows.
const insertForms = 7

const messageColumns = 10

func insertSQL(rows int) string {
	return "insert into message (id, topic_id, at, priority, title, body, tags, extra, sender, crc) values " +
		strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?,?,?),", rows), ",")
}

// insert appends messages with as few statements as fit.
func (w *writer) insert(msgs []*Message) error {
	for len(msgs) > 0 {
		form := insertForms - 1
		for 1<<form > len(msgs) {
			form--
		}
		if err := w.insertRows(form, msgs[:1<<form]); err != nil {
			return err
		}
		msgs = msgs[1<<form:]
	}
	return nil
}

func (w *writer) insertRows(form int, msgs []*Message) error {
	w.args = w.args[:0]
	for _, m := range msgs {
		w.args = m.appendArgs(w.args)
	}
	if err := run(w.stmts.insert[form], w.args); err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return nil
}

func (m *Message) appendArgs(args []driver.NamedValue) []driver.NamedValue {
	at := m.At.UnixMilli()
	var title, sender driver.Value
	if m.HasTitle {
		title = m.Title
	}
	if m.sender != 0 {
		sender = m.sender
	}
	for _, v := range [messageColumns]driver.Value{
		int64(m.ID), m.TopicID, at, int64(m.Priority), title, m.Body, nullable(m.Tags), nullable(m.extra), sender,
		int64(m.checksum(new(checksumHead), m.TopicID, at)),
	} {
		args = append(args, driver.NamedValue{Ordinal: len(args) + 1, Value: v})
	}
	return args
}

func nullable(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// LastID is the id of the newest message that has been stored; nothing below it will be stored any more.
func (d *DB) LastID() (ID, error) {
	id, err := highestID(context.Background(), d.read)
	return id, classify(err)
}

// highestID reads the highest id ever given: that of the newest message, or what keepHighest wrote down.
func highestID(ctx context.Context, from querier) (id ID, err error) {
	err = from.QueryRowContext(ctx, `
		select max(
		  coalesce((select max(id) from message), 0),
		  coalesce((select cast(value as integer) from setting where name = 'highest_id'), 0))`).Scan(&id)
	return id, err
}

// crcString reads the string in place: a copy per field of each message would be the largest cost of a history page.
func crcString(c uint32, s string) uint32 {
	return crc32.Update(c, castagnoli, unsafe.Slice(unsafe.StringData(s), len(s)))
}
