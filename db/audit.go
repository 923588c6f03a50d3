package db

import (
	"context"
	"time"
)

// Audit is one line of the activity log: who changed what. It never holds a secret.
type Audit struct {
	ID      int64
	At      time.Time
	Actor   string
	Verb    string
	TopicID int64
	Topic   string
	TokenID string
	Detail  string
}

// Audit stores one line.
func (d *DB) Audit(a Audit) error {
	return d.write(func(tx *Tx) error { return tx.audit(a) })
}

// recent is how many of a topic's lines AuditOnce compares with.
const recent = 100

// AuditOnce stores a line unless one of the topic's recent lines is the same and younger than pause. It is for events that a
// script may repeat without end.
func (d *DB) AuditOnce(a Audit, pause time.Duration) error {
	return d.write(func(tx *Tx) error {
		now := tx.d.now()
		var there bool
		err := tx.row(`
			select exists (
			  select 1
			  from (select * from audit where topic_id = ? order by id desc limit ?)
			  where actor = ? and verb = ? and detail = ? and at > ? and at < ?)`, a.TopicID, recent, a.Actor, a.Verb, a.Detail,
			now.Add(-pause).UnixMilli(), now.Add(pause).UnixMilli()).Scan(&there)
		if err != nil || there {
			return err
		}
		return tx.audit(a)
	})
}

func (t *Tx) audit(a Audit) error {
	_, err := t.exec(`
		insert into audit (at, actor, verb, topic_id, topic, token_id, detail)
		values (?, ?, ?, nullif(?, 0), ?, ?, ?)`,
		t.d.now().UnixMilli(), a.Actor, a.Verb, a.TopicID, a.Topic, a.TokenID, a.Detail)
	return err
}

func (t *Tx) auditToken(verb, actor string, k *Token, detail string) error {
	text := `"` + k.Name + `"`
	if detail != "" {
		text += ": " + detail
	}
	return t.audit(Audit{Actor: actor, Verb: verb, TopicID: k.TopicID, Topic: k.Topic, TokenID: k.ID, Detail: text})
}

// Activity lists a topic's newest lines before a line id (0: from the newest), or those of one token when it is named.
func (d *DB) Activity(ctx context.Context, topic int64, token string, before int64, limit int) ([]Audit, error) {
	rows, err := d.read.QueryContext(ctx, `
		select id, at, actor, verb, coalesce(topic_id, 0), topic, token_id, detail
		from audit
		where topic_id = ?1 and (?2 = '' or token_id = ?2) and (?3 = 0 or id < ?3)
		order by id desc
		limit ?4`, topic, token, before, limit)
	return collect(rows, err, func(row interface{ Scan(...any) error }) (Audit, error) {
		var a Audit
		var at int64
		err := row.Scan(&a.ID, &at, &a.Actor, &a.Verb, &a.TopicID, &a.Topic, &a.TokenID, &a.Detail)
		a.At = time.UnixMilli(at)
		return a, err
	})
}
