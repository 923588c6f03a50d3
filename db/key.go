package db

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
)

// Key is a user's API key without its secret.
type Key struct {
	ID           string
	UserID       string
	Name         string
	Description  string
	Scopes       string   // joined by commas
	Topics       []string // names and patterns; nil: all
	Paired       bool     // of a paired device; nobody knows its secret
	OwnReader    bool     // what is read with it counts as read by the account
	Fingerprint  []byte   // 128 bits of the SHA-256 of the secret
	Hash         string   // argon2id of the secret
	Hint         string   // the first and last characters of the secret
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RevokedAt    time.Time
	LastUsedAt   time.Time
	RequestCount int64
}

// Has reports whether the key holds a scope, itself or by "*".
func (k *Key) Has(scope string) bool {
	list := strings.Split(k.Scopes, ",")
	return slices.Contains(list, "*") || slices.Contains(list, scope)
}

// Limited reports whether the key is for some topics only.
func (k *Key) Limited() bool { return k.Topics != nil }

// Reaches reports whether the key covers a topic. What it may do there is a matter of its scopes.
func (k *Key) Reaches(topic string) bool {
	return k.Topics == nil || slices.ContainsFunc(k.Topics, func(p string) bool { return MatchTopic(p, topic) })
}

// MatchTopic reports whether a name matches a pattern, in which * stands for any characters, and any other character for itself.
func MatchTopic(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	name = name[len(first):]
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(name, part)
		}
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name, rest = name[at+len(part):], after
	}
}

// reaches is a condition on a row of topic t: its name matches one of the patterns of a comma list, which is null for all. A pattern
// holds no quotes (manage checks it), and glob reads its * as MatchTopic does.
func reaches(list string) string { return "(" + list + " is null or " + matchesOne(list) + ")" }

// matchesOne is reaches for a list that is not null.
func matchesOne(list string) string {
	return `exists (
	  select 1
	  from json_each('["' || replace(` + list + `, ',', '","') || '"]') pattern
	  where t.name glob pattern.value)`
}

// Rights describes what the key may do, for the activity log.
func (k *Key) Rights() string {
	text := strings.ReplaceAll(strings.ReplaceAll(k.Scopes, "*", "everything"), ",", ", ")
	if k.Limited() {
		text += " in " + strings.Join(k.Topics, ", ")
	}
	return text
}

// Live reports whether the key works: neither revoked nor expired.
func (k *Key) Live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

const keyFields = `
	id, user_id, name, description, scopes, topics, paired, own_reader, fingerprint, hash, hint, created_at, expires_at,
	revoked_at, last_used_at, request_count, ` + flushNumber

func (d *DB) scanKey(row scanner) (Key, error) {
	var k Key
	var created, flush int64
	var expires, revoked, used sql.NullInt64
	var topics sql.NullString
	err := row.Scan(&k.ID, &k.UserID, &k.Name, &k.Description, &k.Scopes, &topics, &k.Paired, &k.OwnReader, &k.Fingerprint, &k.Hash, &k.Hint, &created,
		&expires, &revoked, &used, &k.RequestCount, &flush)
	k.CreatedAt, k.ExpiresAt = time.UnixMilli(created), moment(expires)
	k.RevokedAt, k.LastUsedAt = moment(revoked), moment(used)
	k.Topics = topicList(topics)
	if err == nil {
		d.usage.pendingKey(&k, flush)
	}
	return k, notFound(err)
}

// topicList reads a comma list of topics; null is nil, for all of them.
func topicList(list sql.NullString) []string {
	if !list.Valid {
		return nil
	}
	return strings.Split(list.String, ",")
}

// topicText is the opposite of topicList.
func topicText(list []string) sql.NullString {
	return sql.NullString{String: strings.Join(list, ","), Valid: list != nil}
}

// endedKept is how many revoked and expired keys of an account are kept, and how many such tokens of a topic; the oldest are deleted.
const endedKept = 1000

// CreateKey stores a key and fills in its ID and CreatedAt. ErrLimit when the account has most live ones already; 0 is no bound. Events
// are added to the activity log.
func (d *DB) CreateKey(k *Key, most int, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		now := tx.d.now().UnixMilli()
		err := tx.within(most, `
			select count(*)
			from key
			where user_id = ? and not paired and revoked_at is null and (expires_at is null or expires_at > ?)`, k.UserID, now)
		if err == nil {
			err = tx.createKey(k)
		}
		return tx.auditAll(err, events)
	})
}

func (t *Tx) createKey(k *Key) error {
	k.ID, k.CreatedAt = NewName("key"), t.d.now()
	_, err := t.exec(`
		delete from key
		where id in (
		  select id
		  from key
		  where user_id = ?1 and (revoked_at is not null or expires_at <= ?2)
		  order by created_at desc
		  limit -1 offset ?3)`, k.UserID, k.CreatedAt.UnixMilli(), endedKept)
	if err != nil {
		return err
	}
	_, err = t.exec(`
		insert into key (id, user_id, name, description, scopes, topics, paired, own_reader, fingerprint, hash, hint,
		  created_at, expires_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.UserID, k.Name, k.Description, k.Scopes, topicText(k.Topics), k.Paired, k.OwnReader, k.Fingerprint, k.Hash, k.Hint,
		k.CreatedAt.UnixMilli(), millis(k.ExpiresAt))
	return err
}

// UpdateKey lets change alter a key and stores its name, description, scopes, topics and whose reading it counts as, all in one
// transaction. The device of the key follows the topics that it reaches now and did not before, and no others than it reaches.
// ErrNotFound when the key is unknown, another account's, or revoked. Each of events makes a line of the activity log from the key before
// and after; one without a verb is left out.
func (d *DB) UpdateKey(user, id string, change func(*Key) error, events ...func(was, is *Key) Audit) (k Key, err error) {
	err = d.write(func(tx *Tx) error {
		if k, err = d.scanKey(tx.row("select "+keyFields+" from key where user_id = ? and id = ? and revoked_at is null", user, id)); err != nil {
			return err
		}
		was := k
		if _, err := alter(tx, &k, func(k *Key) ([]string, error) { return nil, change(k) }); err != nil {
			return err
		}
		tx.changed(Change{User: user, Keys: true})
		_, err := tx.exec("update key set name = ?, description = ?, scopes = ?, topics = ?, own_reader = ? where id = ?",
			k.Name, k.Description, k.Scopes, topicText(k.Topics), k.OwnReader, id)
		if err != nil {
			return err
		}
		for _, e := range events {
			if a := e(&was, &k); err == nil && a.Verb != "" {
				err = tx.audit(a)
			}
		}
		if err != nil {
			return err
		}
		return tx.followKey(k, was.Topics)
	})
	return k, err
}

// Keys lists an account's keys, the newest first.
func (d *DB) Keys(ctx context.Context, user string) ([]Key, error) {
	rows, err := d.read.QueryContext(ctx, `
		select `+keyFields+`
		from key
		where user_id = ?
		order by created_at desc, id`, user)
	return collect(rows, err, d.scanKey)
}

// Key reads one key of an account, or ErrNotFound.
func (d *DB) Key(ctx context.Context, user, id string) (Key, error) {
	return d.scanKey(d.row(ctx, "select "+keyFields+" from key where user_id = ? and id = ?", user, id))
}

// KeyByFingerprint reads the key a secret's fingerprint belongs to, or ErrNotFound.
func (d *DB) KeyByFingerprint(ctx context.Context, fingerprint []byte) (Key, error) {
	return d.scanKey(d.row(ctx, "select "+keyFields+" from key where fingerprint = ?", fingerprint))
}

// RevokeKey ends a key for good; ErrNotFound when it is unknown or another account's. Revoking twice changes nothing. The
// session and the device of a paired key end with it.
func (d *DB) RevokeKey(user, id string, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user, Keys: true})
		n, err := tx.exec(`
			update key
			set revoked_at = coalesce(revoked_at, ?)
			where user_id = ? and id = ?`, tx.d.now().UnixMilli(), user, id)
		if err := someRow(n, err); err != nil {
			return err
		}
		return tx.auditAll(tx.endKeyed(user), events)
	})
}

// endKeyed ends the sessions and devices of an account's revoked keys.
func (t *Tx) endKeyed(user string) error {
	for _, table := range [...]string{"session", "device"} {
		_, err := t.exec("delete from "+table+" where key_id in (select id from key where user_id = ? and revoked_at is not null)", user)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteKey removes a key; ErrNotFound when it is unknown or another account's.
func (d *DB) DeleteKey(user, id string, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{User: user, Keys: true})
		n, err := tx.exec("delete from key where user_id = ? and id = ?", user, id)
		return tx.auditAll(someRow(n, err), events)
	})
}
