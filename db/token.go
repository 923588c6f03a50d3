package db

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// Token is a topic access token without its secret. The fields Prev... belong to the secret before a rotation. Counts and last uses
// include what waits in memory to be written.
type Token struct {
	ID              string
	TopicID         int64
	Topic           string
	Name            string
	Note            string
	CanPublish      bool
	CanSubscribe    bool
	Fingerprint     []byte // 128 bits of the SHA-256 of the secret
	Hash            string // argon2id of the secret
	Hint            string // the first and last characters of the secret
	PrevFingerprint []byte
	PrevHash        string
	PrevHint        string
	PrevUntil       time.Time // that secret works until
	PrevLastUsedAt  time.Time
	CreatedAt       time.Time
	CreatedBy       string // user id, empty when the account is gone
	CreatedByName   string
	ExpiresAt       time.Time
	RevokedAt       time.Time
	RevokedBy       string
	LeakedAt        time.Time
	LastUsedAt      time.Time
	LastUsedIP      string
	LastUsedVia     string // publish, sse, ws, poll, or api
	RequestCount    int64  // requests with the valid token, refused ones included
	RefusedCount    int64
	URLSeenAt       time.Time // when it was last sent in a URL
	WarningCount    int64     // messages published with it that had to be corrected
	LastWarning     string    // what the last of them needed
	LastWarningAt   time.Time
	RefuseInURL     bool
	Networks        string // CIDRs joined by commas; empty: any address
	DefaultPriority int    // 0: none
	DefaultTags     string
	Shape           string    // how bodies that come with it are read; see server/shape
	Template        string    // of the shape custom
	SigningSecret   string    // readable: requests with the token must be signed with it
	WarnedAt        time.Time // when its owner was last told that it expires
	QuietNetworks   bool      // no message about the first use from a new network
}

// Expired reports whether the token's time is over.
func (t *Token) Expired(now time.Time) bool { return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) }

// Live reports whether the token works: neither revoked nor expired.
func (t *Token) Live(now time.Time) bool { return t.RevokedAt.IsZero() && !t.Expired(now) }

func (t *Token) add(u *tokenUse) {
	if u == nil {
		return
	}
	t.RequestCount += u.ok + u.refused
	t.RefusedCount += u.refused
	t.LastUsedAt, t.LastUsedIP, t.LastUsedVia = u.last, AddressText(u.address), u.via
	if !u.oldLast.IsZero() {
		t.PrevLastUsedAt = u.oldLast
	}
	if !u.url.IsZero() {
		t.URLSeenAt = u.url
	}
}

const tokenFields = `
	k.id, k.topic_id, t.name, k.name, k.note, k.can_publish, k.can_subscribe, k.fingerprint, k.hash, k.hint,
	k.prev_fingerprint, coalesce(k.prev_hash, ''), k.prev_hint, k.prev_until, k.prev_last_used_at, k.created_at,
	coalesce(k.created_by, ''), coalesce((select username from user where id = k.created_by), k.created_by_name), k.expires_at, k.revoked_at, k.revoked_by, k.leaked_at,
	k.last_used_at, k.last_used_ip, k.last_used_via, k.request_count, k.refused_count, k.url_seen_at,
	k.refuse_in_url, k.networks, coalesce(k.default_priority, 0), k.default_tags, k.warned_at, not k.new_network_notice,
	k.warning_count, k.last_warning, k.last_warning_at, k.shape, k.template, k.signing_secret, ` + flushNumber

const tokenFrom = " from token k join topic t on t.id = k.topic_id "

func (d *DB) scanToken(row scanner) (Token, error) {
	var t Token
	var created, flush int64
	var prevUntil, prevUsed, expires, revoked, leaked, used, url, warned, warning sql.NullInt64
	err := row.Scan(&t.ID, &t.TopicID, &t.Topic, &t.Name, &t.Note, &t.CanPublish, &t.CanSubscribe, &t.Fingerprint,
		&t.Hash, &t.Hint, &t.PrevFingerprint, &t.PrevHash, &t.PrevHint, &prevUntil, &prevUsed, &created, &t.CreatedBy,
		&t.CreatedByName, &expires, &revoked, &t.RevokedBy, &leaked, &used, &t.LastUsedIP, &t.LastUsedVia,
		&t.RequestCount, &t.RefusedCount, &url, &t.RefuseInURL, &t.Networks, &t.DefaultPriority, &t.DefaultTags, &warned, &t.QuietNetworks,
		&t.WarningCount, &t.LastWarning, &warning, &t.Shape, &t.Template, &t.SigningSecret, &flush)
	t.PrevUntil, t.PrevLastUsedAt, t.CreatedAt = moment(prevUntil), moment(prevUsed), time.UnixMilli(created)
	t.ExpiresAt, t.RevokedAt, t.LeakedAt = moment(expires), moment(revoked), moment(leaked)
	t.LastUsedAt, t.URLSeenAt, t.WarnedAt, t.LastWarningAt = moment(used), moment(url), moment(warned), moment(warning)
	if err == nil {
		d.usage.pendingToken(&t, flush)
	}
	return t, notFound(err)
}

// CreateToken stores a token and fills in its ID and CreatedAt. ErrLimit when the topic has limit live ones already, ErrTaken when a live
// one has the name, ErrEnded when its secret has ended before. The actor is its creator, unless by names another.
func (d *DB) CreateToken(t *Token, limit int, by ...By) error {
	return d.write(func(tx *Tx) error {
		ended, err := tokenEnded(context.Background(), tx.conn, t.Fingerprint, tx.d.now())
		if err != nil {
			return err
		}
		if ended {
			return ErrEnded
		}
		if _, err := tx.exec("delete from token_ended where fingerprint = ?", t.Fingerprint); err != nil {
			return err // an expiry of its last token, which is still to come
		}
		if err := tx.tokenNameFree(t); err != nil {
			return err
		}
		live, err := tx.liveTokens(t.TopicID)
		if err != nil {
			return err
		}
		if live >= limit {
			return ErrLimit
		}
		if err := tx.dropEnded(t.TopicID); err != nil {
			return err
		}
		t.ID, t.CreatedAt = NewName("token"), tx.d.now()
		tx.changed(Change{Token: t.ID})
		_, err = tx.exec(`
			insert into token (id, topic_id, name, note, can_publish, can_subscribe, fingerprint, hash, hint,
			  created_at, created_by, created_by_name, expires_at, refuse_in_url, networks, default_priority, default_tags,
			  new_network_notice, shape, template, signing_secret)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?)`,
			t.ID, t.TopicID, t.Name, t.Note, t.CanPublish, t.CanSubscribe, t.Fingerprint, t.Hash, t.Hint,
			t.CreatedAt.UnixMilli(), t.CreatedBy, t.CreatedByName, millis(t.ExpiresAt), t.RefuseInURL, t.Networks,
			t.DefaultPriority, t.DefaultTags, !t.QuietNetworks, t.Shape, t.Template, t.SigningSecret)
		if err != nil {
			return err
		}
		return tx.auditToken("token.create", named(by, By{ID: t.CreatedBy, Name: t.CreatedByName}), t, strings.Join(t.Permissions(), ", "))
	})
}

// dropEnded deletes the oldest of a topic's revoked and expired tokens, where there are more than are kept.
func (t *Tx) dropEnded(topic int64) error {
	_, err := t.exec(`
		delete from token
		where id in (
		  select id
		  from token
		  where topic_id = ?1 and (revoked_at is not null or expires_at <= ?2)
		  order by created_at desc
		  limit -1 offset ?3)`, topic, t.d.now().UnixMilli(), endedKept)
	return err
}

// Permissions is what the token may do, as words.
func (t *Token) Permissions() []string {
	var p []string
	if t.CanPublish {
		p = append(p, "publish")
	}
	if t.CanSubscribe {
		p = append(p, "subscribe")
	}
	return p
}

// SameTokenName reports whether two names count as the same: a topic has no two live tokens whose names differ in case alone.
func SameTokenName(a, b string) bool { return strings.EqualFold(a, b) }

const liveOfTopic = " from token where topic_id = ? and revoked_at is null and (expires_at is null or expires_at > ?)"

// tokenNameFree fails with ErrTaken when another live token of the topic has the name of this one.
func (t *Tx) tokenNameFree(k *Token) error {
	rows, err := t.query("select id, name"+liveOfTopic, k.TopicID, t.d.now().UnixMilli())
	return each(rows, err, func(row scanner) error {
		var id, name string
		err := row.Scan(&id, &name)
		if err == nil && id != k.ID && SameTokenName(name, k.Name) {
			err = ErrTaken
		}
		return err
	})
}

// liveTokens is the number of live tokens of a topic.
func (t *Tx) liveTokens(topic int64) (n int, err error) {
	err = t.row("select count(*)"+liveOfTopic, topic, t.d.now().UnixMilli()).Scan(&n)
	return n, err
}

// Tokens lists a topic's tokens, the newest first, ended ones included.
func (d *DB) Tokens(ctx context.Context, topic int64) ([]Token, error) {
	rows, err := d.read.QueryContext(ctx, "select "+tokenFields+tokenFrom+`
		where k.topic_id = ?
		order by k.created_at desc, k.id`, topic)
	return collect(rows, err, d.scanToken)
}

// Token reads one token of a topic, or ErrNotFound: an id of another topic is not found.
func (d *DB) Token(ctx context.Context, topic int64, id string) (Token, error) {
	return d.scanToken(d.row(ctx, "select "+tokenFields+tokenFrom+"where k.topic_id = ? and k.id = ?", topic, id))
}

// TokenByID reads a token of any topic, or ErrNotFound. The caller decides who may see it.
func (d *DB) TokenByID(ctx context.Context, id string) (Token, error) {
	return d.scanToken(d.row(ctx, "select "+tokenFields+tokenFrom+"where k.id = ?", id))
}

// TokenByFingerprint reads the token that a secret's fingerprint belongs to, current or before a rotation.
func (d *DB) TokenByFingerprint(ctx context.Context, fingerprint []byte) (Token, error) {
	return d.scanToken(d.row(ctx, "select "+tokenFields+tokenFrom+`
		where k.fingerprint = ?1 or k.prev_fingerprint = ?1`, fingerprint))
}

// TokenEnded reports whether the secret of a fingerprint was that of a token, of whichever topic, and has ended: it was revoked,
// rotated, or has expired. The secret before a rotation counts, even while it still works.
func (d *DB) TokenEnded(ctx context.Context, fingerprint []byte) (bool, error) {
	return tokenEnded(ctx, d.read, fingerprint, d.now())
}

func tokenEnded(ctx context.Context, conn querier, fingerprint []byte, now time.Time) (ended bool, err error) {
	err = conn.QueryRowContext(ctx, `
		select exists (select 1 from token_ended where fingerprint = ?1 and (ends_at is null or ends_at <= ?2))
		  or exists (select 1 from token where prev_fingerprint = ?1)
		  or exists (select 1 from token where fingerprint = ?1 and (revoked_at is not null or expires_at <= ?2))`,
		fingerprint, now.UnixMilli()).Scan(&ended)
	return ended, classify(err)
}

// Fingerprints calls fn with the fingerprint of every token and key, ended ones included.
func (d *DB) Fingerprints(ctx context.Context, fn func([]byte)) error {
	rows, err := d.read.QueryContext(ctx, `
		select fingerprint from token
		union all
		select prev_fingerprint from token where prev_fingerprint is not null
		union all
		select fingerprint from key`)
	return each(rows, err, func(row scanner) error {
		var f sql.RawBytes
		err := row.Scan(&f)
		fn(f)
		return err
	})
}

// UpdateToken lets change alter a token of a topic and stores all but its permissions, its secret and its use, in one transaction: of two
// changes at once neither undoes the other. change names the fields it altered, for the activity log; without any nothing is stored. It
// fails with the error of change, which sees tokens that have ended too and must not write to the store, and with ErrTaken when another
// live token has the name.
func (d *DB) UpdateToken(topic int64, id string, by By, change func(*Token) ([]string, error)) (t Token, err error) {
	err = d.write(func(tx *Tx) error {
		tx.changed(Change{Token: id})
		if t, err = d.scanToken(tx.row("select "+tokenFields+tokenFrom+"where k.topic_id = ? and k.id = ?", topic, id)); err != nil {
			return err
		}
		changed, err := alter(tx, &t, change)
		if err != nil || len(changed) == 0 {
			return err
		}
		if err := tx.updateToken(&t); err != nil {
			return err
		}
		return tx.auditToken("token.update", by, &t, strings.Join(changed, ", "))
	})
	return t, err
}

func (t *Tx) updateToken(to *Token) error {
	if err := t.tokenNameFree(to); err != nil {
		return err
	}
	if err := t.renameSender(to.ID, to.Name); err != nil {
		return err
	}
	_, err := t.exec(`
		update token
		set name = ?, note = ?, expires_at = ?, refuse_in_url = ?, networks = ?,
		    default_priority = nullif(?, 0), default_tags = ?, new_network_notice = ?,
		    shape = ?, template = ?, signing_secret = ?, warned_at = null
		where id = ?`,
		to.Name, to.Note, millis(to.ExpiresAt), to.RefuseInURL, to.Networks, to.DefaultPriority, to.DefaultTags,
		!to.QuietNetworks, to.Shape, to.Template, to.SigningSecret, to.ID)
	return err
}

// RevokeToken ends a token for good; ErrNotFound when it is unknown, of another topic, or ended already.
func (d *DB) RevokeToken(topic int64, id string, by By) (Token, error) {
	var t Token
	err := d.write(func(tx *Tx) error {
		tx.changed(Change{Token: id})
		var err error
		if t, err = tx.d.scanToken(tx.row("select "+tokenFields+tokenFrom+"where k.topic_id = ? and k.id = ?", topic, id)); err != nil {
			return err
		}
		n, err := tx.exec(`
			update token
			set revoked_at = ?, revoked_by = ?
			where id = ? and revoked_at is null`, tx.d.now().UnixMilli(), by.Name, id)
		if err := someRow(n, err); err != nil {
			return err
		}
		return tx.auditToken("token.revoke", by, &t, "")
	})
	return t, err
}

// RotateToken gives a token a new secret; the old one works until prevUntil, the zero time ends it at once.
// t holds the new Fingerprint, Hash and Hint. ErrNotFound when the token is revoked or gone.
func (d *DB) RotateToken(t Token, prevUntil time.Time, by By) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{Token: t.ID})
		n, err := tx.exec(`
			update token
			set prev_fingerprint = fingerprint, prev_hash = hash, prev_hint = hint, prev_until = ?,
			    prev_last_used_at = null, fingerprint = ?, hash = ?, hint = ?, leaked_at = null
			where id = ? and topic_id = ? and revoked_at is null`,
			max(prevUntil.UnixMilli(), 0), t.Fingerprint, t.Hash, t.Hint, t.ID, t.TopicID)
		if err := someRow(n, err); err != nil {
			return err
		}
		tx.d.usage.forgetOld(t.ID)
		return tx.auditToken("token.rotate", by, &t, "")
	})
}

// EndPrevious ends the secret before a rotation now; ErrNotFound when the token is unknown or of another topic.
func (d *DB) EndPrevious(topic int64, id string, by By) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{Token: id})
		t, err := tx.d.scanToken(tx.row("select "+tokenFields+tokenFrom+"where k.topic_id = ? and k.id = ?", topic, id))
		if err != nil {
			return err
		}
		if _, err := tx.exec("update token set prev_until = 0 where id = ?", id); err != nil {
			return err
		}
		return tx.auditToken("token.end_old", by, &t, "")
	})
}
