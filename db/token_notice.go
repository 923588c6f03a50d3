package db

import (
	"context"
	"net/netip"
	"time"
)

// LeakToken marks a token as exposed, once; why goes into the activity log.
func (d *DB) LeakToken(id string, by By, why string) error {
	return d.write(func(tx *Tx) error {
		tx.changed(Change{Token: id})
		n, err := tx.exec(`
			update token
			set leaked_at = ?
			where id = ? and leaked_at is null and revoked_at is null`, tx.d.now().UnixMilli(), id)
		if err != nil || n == 0 {
			return err
		}
		t, err := tx.d.scanToken(tx.row("select "+tokenFields+tokenFrom+"where k.id = ?", id))
		if err != nil {
			return err
		}
		return tx.auditToken("token.leak", by, &t, why)
	})
}

// RevokeTokens ends all live tokens of a topic and returns how many there were.
func (d *DB) RevokeTokens(topic Topic, by By) (int, error) {
	var n int64
	err := d.write(func(tx *Tx) error {
		tx.changed(Change{Topic: topic.ID, Tokens: true})
		now := tx.d.now().UnixMilli()
		var err error
		n, err = tx.exec(`
			update token
			set revoked_at = ?1, revoked_by = ?2
			where topic_id = ?3 and revoked_at is null and (expires_at is null or expires_at > ?1)`, now, by.Name, topic.ID)
		if err != nil || n == 0 {
			return err
		}
		return tx.audit(Audit{By: by, Verb: "token.revoke_all", TopicID: topic.ID, Topic: topic.Name})
	})
	return int(n), err
}

// ExpiringTokens lists the tokens that are not revoked and expire after from and not after to, the first to expire first.
func (d *DB) ExpiringTokens(ctx context.Context, from, to time.Time) ([]Token, error) {
	rows, err := d.read.QueryContext(ctx, "select "+tokenFields+tokenFrom+`
		where k.revoked_at is null and k.expires_at > ? and k.expires_at <= ?
		order by k.expires_at`, from.UnixMilli(), to.UnixMilli())
	return collect(rows, err, d.scanToken)
}

// WarnToken notes that the owner was notified of a token's end, and the time by which that was decided.
func (d *DB) WarnToken(id string, at time.Time) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update token set warned_at = ? where id = ?", at.UnixMilli(), id)
		return err
	})
}

// Inbox reads an account's inbox, the topic that the server writes its notices to, or ErrNotFound.
func (d *DB) Inbox(ctx context.Context, user string) (Topic, error) {
	return scanTopic(d.row(ctx, "select "+topicFields+topicFrom+"where t.owner_id = ? and t.inbox = 1", user))
}

// NewNetwork is the first use of a token from a network that it was never used from before.
type NewNetwork struct {
	Token   Token
	Network string
	Address string
	At      time.Time
}

// NewNetworks lists first uses that no owner has been notified of yet, at most 100.
func (d *DB) NewNetworks(ctx context.Context) ([]NewNetwork, error) {
	rows, err := d.read.QueryContext(ctx, "select token_id, network, address, at from token_network where noticed = 0 limit 100")
	list, err := collect(rows, err, func(row scanner) (NewNetwork, error) {
		var n NewNetwork
		var at int64
		err := row.Scan(&n.Token.ID, &n.Network, &n.Address, &at)
		n.At = time.UnixMilli(at)
		return n, err
	})
	for i := range list {
		if err != nil {
			break
		}
		list[i].Token, err = d.TokenByID(ctx, list[i].Token.ID)
	}
	return list, err
}

// NoticeNetwork notes that the owner was notified of a network.
func (d *DB) NoticeNetwork(token, network string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update token_network set noticed = 1 where token_id = ? and network = ?", token, network)
		return err
	})
}

// networksKept bounds the memory of one token's networks.
const networksKept = 256

// NetworkOf is what counts as one network of callers: the /24 of an IPv4 address, the /48 of an IPv6 address, which a single customer may
// hold. It is empty when the address is not known.
func NetworkOf(a netip.Addr) string {
	bits := 48
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil || !p.IsValid() {
		return ""
	}
	return p.String()
}

// flushNetworks remembers new networks of a token. The very first one needs no notice.
func (t *Tx) flushNetworks(id string, u *tokenUse) error {
	for a := range u.addresses {
		n := NetworkOf(a)
		if n == "" {
			continue
		}
		if _, err := t.exec(`
			insert into token_network (token_id, network, address, at, noticed)
			select ?1, ?2, ?3, ?4, not (
			  (select new_network_notice from token where id = ?1)
			  and exists (select 1 from token_network where token_id = ?1))
			where (select count(*) from token_network where token_id = ?1) < ?5
			on conflict (token_id, network) do nothing`,
			id, n, a.String(), u.last.UnixMilli(), networksKept); err != nil {
			return err
		}
	}
	return nil
}
