package db

import (
	"context"
	"database/sql"
	"time"
)

// Pairing is an offer to pair a device: the device that presents its code in time gets a session that is limited by a key of these
// values.
type Pairing struct {
	ID          string
	Fingerprint []byte // of the code
	UserID      string
	Name        string   // of the device
	Scopes      string   // joined by commas
	Topics      []string // names and patterns
	OwnReader   bool     // what is read on the device counts as read by the account
	CreatedAt   time.Time
	ExpiresAt   time.Time
	KeyID       string // made of it; empty while it waits
}

// mostPairings is how many codes of an account may wait at a time; the oldest are deleted.
const mostPairings = 10

// mostPaired bounds the paired devices of an account.
const mostPaired = 100

const pairingFields = "id, fingerprint, user_id, name, scopes, topics, own_reader, created_at, expires_at, coalesce(key_id, '')"

func scanPairing(row scanner) (Pairing, error) {
	var p Pairing
	var topics sql.NullString
	var created, expires int64
	err := row.Scan(&p.ID, &p.Fingerprint, &p.UserID, &p.Name, &p.Scopes, &topics, &p.OwnReader, &created, &expires, &p.KeyID)
	p.Topics, p.CreatedAt, p.ExpiresAt = topicList(topics), time.UnixMilli(created), time.UnixMilli(expires)
	return p, notFound(err)
}

// CreatePairing stores an offer that ends after a time, fills in its ID and times, and forgets those that have ended.
func (d *DB) CreatePairing(p *Pairing, lasts time.Duration) error {
	return d.write(func(tx *Tx) error {
		now := tx.d.now()
		p.ID, p.CreatedAt, p.ExpiresAt = NewName("pair"), now, now.Add(lasts)
		if _, err := tx.exec("delete from pairing where expires_at < ?", now.Add(-time.Hour).UnixMilli()); err != nil {
			return err
		}
		_, err := tx.exec(`
			delete from pairing
			where user_id = ?1 and key_id is null and id not in (
			  select id from pairing where user_id = ?1 and key_id is null order by created_at desc limit ?2)`, p.UserID, mostPairings-1)
		if err != nil {
			return err
		}
		_, err = tx.exec(`
			insert into pairing (id, fingerprint, user_id, name, scopes, topics, own_reader, created_at, expires_at)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, p.Fingerprint, p.UserID, p.Name, p.Scopes, topicText(p.Topics), p.OwnReader, now.UnixMilli(), p.ExpiresAt.UnixMilli())
		return err
	})
}

// Pairing reads an offer of an account, or ErrNotFound.
func (d *DB) Pairing(ctx context.Context, user, id string) (Pairing, error) {
	return scanPairing(d.row(ctx, "select "+pairingFields+" from pairing where user_id = ? and id = ?", user, id))
}

// EndPairing withdraws an offer that has not been used.
func (d *DB) EndPairing(user, id string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from pairing where user_id = ? and id = ? and key_id is null", user, id)
		return err
	})
}

// Pair uses an offer up: it stores a key of its values and a session that is limited by the key, and fills in their IDs. The
// caller names fingerprint, hash and hint of the key, and the session's secret, agent, address, beginning and end. ErrNotFound
// when no offer of this fingerprint waits, ErrLimit when the account has too many devices.
func (d *DB) Pair(fingerprint []byte, k *Key, s *Session, events ...Audit) error {
	return d.write(func(tx *Tx) error {
		p, err := scanPairing(tx.row(`
			select `+pairingFields+`
			from pairing
			where fingerprint = ? and key_id is null and expires_at > ?
			  and user_id in (select id from user where disabled_at is null)`, fingerprint, tx.d.now().UnixMilli()))
		if err != nil {
			return err
		}
		if err := tx.within(mostPaired, "select count(*) from key where user_id = ? and paired and revoked_at is null", p.UserID); err != nil {
			return err
		}
		k.UserID, k.Name, k.Scopes, k.Topics, k.Paired, k.OwnReader = p.UserID, p.Name, p.Scopes, p.Topics, true, p.OwnReader
		if err := tx.createKey(k); err != nil {
			return err
		}
		s.UserID, s.KeyID = p.UserID, k.ID
		if err := tx.insertSession(s); err != nil {
			return err
		}
		tx.changed(Change{User: p.UserID, Keys: true})
		// A used code stays invalid, even when its key is deleted.
		if _, err = tx.exec("update pairing set key_id = ?, fingerprint = randomblob(16) where id = ?", k.ID, p.ID); err != nil {
			return err
		}
		u, err := scanUser(tx.row("select "+userFields+" from user where id = ?", p.UserID))
		if err != nil {
			return err
		}
		paired := AccountEvent(By{ID: u.ID, Name: u.Username, Address: s.Address}, "key.pair", &u, `"`+k.Name+`": `+k.Rights())
		return tx.auditAll(nil, append(events, paired))
	})
}

// PairedSessions returns the sessions of an account's paired devices, by the ids of their keys.
func (d *DB) PairedSessions(ctx context.Context, user string) (map[string]Session, error) {
	rows, err := d.read.QueryContext(ctx, "select "+sessionFields+" from session where user_id = ? and key_id is not null", user)
	list, err := collect(rows, err, scanSession)
	out := map[string]Session{}
	for _, s := range list {
		out[s.KeyID] = s
	}
	return out, err
}
