package db

import (
	"context"
	"strings"
	"time"
)

// Audit is one line of the activity log: who changed what. It never holds a secret.
type Audit struct {
	ID      int64     // grows with each line; set by lists, as At is
	At      time.Time // when it was stored
	By      By
	Verb    string // noun and verb, such as token.create
	TopicID int64  // 0: of no topic
	Topic   string
	TokenID string
	Detail  string

	// of events of accounts
	TargetID string // the account that it was done to
	Target   string // its name at that time
}

// Audit stores one line.
func (d *DB) Audit(a Audit) error {
	return d.write(func(tx *Tx) error { return tx.audit(a) })
}

// auditOnceLines is how many of a topic's newest lines AuditOnce compares with.
const auditOnceLines = 100

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
			  where actor = ? and verb = ? and detail = ? and at > ? and at < ?)`, a.TopicID, auditOnceLines, a.By.Name, a.Verb, a.Detail,
			now.Add(-pause).UnixMilli(), now.Add(pause).UnixMilli()).Scan(&there)
		if err != nil || there {
			return err
		}
		return tx.audit(a)
	})
}

func (t *Tx) audit(a Audit) error {
	_, err := t.exec(`
		insert into audit (at, actor, verb, topic_id, topic, token_id, detail, actor_id, actor_via, address, target_id, target)
		values (?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.d.now().UnixMilli(), a.By.Name, a.Verb, a.TopicID, a.Topic, a.TokenID, a.Detail, a.By.ID, a.By.Via, a.By.Address, a.TargetID, a.Target)
	return err
}

func (t *Tx) auditToken(verb string, by By, k *Token, detail string) error {
	text := `"` + k.Name + `"`
	if detail != "" {
		text += ": " + detail
	}
	return t.audit(Audit{By: by, Verb: verb, TopicID: k.TopicID, Topic: k.Topic, TokenID: k.ID, Detail: text})
}

// ActivityFilter says which lines of a topic's activity are asked for.
type ActivityFilter struct {
	Token  string // of one token; empty: all
	Kind   string // "token", "topic" or "message"; empty: all
	Before int64  // older than this line; 0: the newest
	Limit  int    // lines; there is no default
}

// Activity lists the lines of a topic's activity log that match the filter, the newest first.
func (d *DB) Activity(ctx context.Context, topic int64, f ActivityFilter) ([]Audit, error) {
	rows, err := d.read.QueryContext(ctx, `
		select id, at, actor, actor_id, actor_via, address, verb, coalesce(topic_id, 0), topic, token_id, detail
		from audit
		where topic_id = ?1 and (?2 = '' or token_id = ?2) and (?3 = 0 or id < ?3) and (?5 = '' or verb glob ?5 || '.*')
		order by id desc
		limit ?4`, topic, f.Token, f.Before, f.Limit, f.Kind)
	return collect(rows, err, func(row scanner) (Audit, error) {
		var a Audit
		var at int64
		err := row.Scan(&a.ID, &at, &a.By.Name, &a.By.ID, &a.By.Via, &a.By.Address, &a.Verb, &a.TopicID, &a.Topic, &a.TokenID, &a.Detail)
		a.At = time.UnixMilli(at)
		return a, err
	})
}

// EventFilter selects events of accounts. Its zero value selects all of them.
type EventFilter struct {
	User   string   // the actor or the target; empty: any
	Verbs  []string // any of them; nil: all
	Before int64    // lines before this one; 0: from the newest
	Limit  int      // lines; there is no default
}

// AccountEvents lists events of accounts, the newest first.
func (d *DB) AccountEvents(ctx context.Context, f EventFilter) ([]Audit, error) {
	rows, err := d.read.QueryContext(ctx, `
		select id, at, actor, actor_id, actor_via, address, verb, topic, detail, target_id, target
		from audit
		where topic_id is null and (?1 = '' or actor_id = ?1 or target_id = ?1)
		  and (?2 = '' or instr(?2, ',' || verb || ',') > 0) and (?3 = 0 or id < ?3)
		order by id desc
		limit ?4`, f.User, verbList(f.Verbs), f.Before, f.Limit)
	return collect(rows, err, func(row scanner) (Audit, error) {
		var a Audit
		var at int64
		err := row.Scan(&a.ID, &at, &a.By.Name, &a.By.ID, &a.By.Via, &a.By.Address, &a.Verb, &a.Topic, &a.Detail, &a.TargetID, &a.Target)
		a.At = time.UnixMilli(at)
		return a, err
	})
}

func verbList(verbs []string) string {
	if len(verbs) == 0 {
		return ""
	}
	return "," + strings.Join(verbs, ",") + ","
}
