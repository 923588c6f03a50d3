package db

import "time"

// addressesKept is how many addresses are remembered per token, the newest.
const addressesKept = 5

// day numbers days since 1970, UTC.
func day(t time.Time) int64 { return t.Unix() / 86400 }

// startOfDay is the opposite of day.
func startOfDay(n int64) time.Time { return time.Unix(n*86400, 0).UTC() }

// flushUsage writes the counters inside a transaction.
func (d *DB) flushUsage(tx *Tx) error {
	f := d.usage.takeCounts()
	for id, t := range f.tokens {
		if err := tx.flushToken(id, t); err != nil {
			return err
		}
	}
	for id, k := range f.keys {
		if _, err := tx.exec(`
			update key
			set request_count = request_count + ?, last_used_at = ?
			where id = ?`, k.count, k.last.UnixMilli(), id); err != nil {
			return err
		}
	}
	for id, w := range f.warned {
		if _, err := tx.exec(`
			update token
			set warning_count = warning_count + ?, last_warning = ?, last_warning_at = ?
			where id = ?`, w.count, w.text, w.at.UnixMilli(), id); err != nil {
			return err
		}
	}
	for topic := range f.topics {
		if err := tx.countMessages(topic); err != nil {
			return err
		}
	}
	if len(f.tokens)+len(f.keys)+len(f.warned) == 0 {
		return nil
	}
	return tx.setSetting("usage_flush", digits(f.number))
}

func (t *Tx) flushToken(id string, u *tokenUse) error {
	n, err := t.exec(`
		update token
		set request_count = request_count + ?,
		    refused_count = refused_count + ?,
		    last_used_at = ?,
		    last_used_ip = ?,
		    last_used_via = ?,
		    prev_last_used_at = coalesce(?, prev_last_used_at),
		    url_seen_at = coalesce(?, url_seen_at)
		where id = ?`,
		u.ok+u.refused, u.refused, u.last.UnixMilli(), AddressText(u.address), u.via, millis(u.oldLast), millis(u.url), id)
	if err != nil || n == 0 {
		return err
	}
	if _, err := t.exec(`
		insert into token_day (token_id, day, ok, refused)
		values (?, ?, ?, ?)
		on conflict (token_id, day) do update
		set ok = ok + excluded.ok, refused = refused + excluded.refused`,
		id, day(u.last), u.ok, u.refused); err != nil {
		return err
	}
	if err := t.flushNetworks(id, u); err != nil {
		return err
	}
	return t.flushAddresses(id, u)
}

func (t *Tx) flushAddresses(id string, u *tokenUse) error {
	for address, n := range u.addresses {
		if !address.IsValid() {
			continue
		}
		if _, err := t.exec(`
			insert into token_address (token_id, address, last_at, count)
			values (?, ?, ?, ?)
			on conflict (token_id, address) do update
			set last_at = excluded.last_at, count = count + excluded.count`,
			id, AddressText(address), u.last.UnixMilli(), n); err != nil {
			return err
		}
	}
	_, err := t.exec(`
		delete from token_address
		where token_id = ? and address not in (
		  select address from token_address where token_id = ? order by last_at desc limit ?)`,
		id, id, addressesKept)
	return err
}

// countMessages brings a topic's message count up to its newest message. Messages after counted_to are counted when
// the topic is read, so a crash in between loses no count.
func (t *Tx) countMessages(topic int64) error {
	var n, newest int64
	err := t.row(`
		select count(*), coalesce(max(id), 0)
		from message
		where topic_id = ?1 and id > (select counted_to from topic where id = ?1)`, topic).Scan(&n, &newest)
	if err != nil || n == 0 {
		return err
	}
	if _, err := t.exec(`
		update topic
		set message_count = message_count + ?, counted_to = ?
		where id = ?`, n, newest, topic); err != nil {
		return err
	}
	_, err = t.exec(`
		insert into message_day (topic_id, day, count)
		values (?, ?, ?)
		on conflict (topic_id, day) do update
		set count = count + excluded.count`, topic, day(t.d.now()), n)
	return err
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}
