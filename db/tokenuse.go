package db

import (
	"context"
	"time"
)

// TokenDay counts a token's requests of one day, UTC.
type TokenDay struct {
	Day     time.Time
	OK      int64
	Refused int64
}

// TokenDays lists the days since a moment on which a token was used, today's pending counts included.
func (d *DB) TokenDays(ctx context.Context, id string, since time.Time) ([]TokenDay, error) {
	rows, err := d.read.QueryContext(ctx, `
		select day, ok, refused
		from token_day
		where token_id = ? and day >= ?
		order by day`, id, day(since))
	list, err := collect(rows, err, func(row interface{ Scan(...any) error }) (TokenDay, error) {
		var n int64
		var t TokenDay
		err := row.Scan(&n, &t.OK, &t.Refused)
		t.Day = time.Unix(n*86400, 0).UTC()
		return t, err
	})
	return d.usage.pendingDay(id, list, d.now()), err
}

func (u *usage) pendingDay(id string, list []TokenDay, now time.Time) []TokenDay {
	u.mu.Lock()
	defer u.mu.Unlock()
	var ok, refused int64
	for _, from := range []*usage{u.flushing, u} {
		if from != nil && from.tokens[id] != nil {
			ok, refused = ok+from.tokens[id].ok, refused+from.tokens[id].refused
		}
	}
	if ok+refused == 0 {
		return list
	}
	today := time.Unix(day(now)*86400, 0).UTC()
	if n := len(list); n == 0 || !list[n-1].Day.Equal(today) {
		list = append(list, TokenDay{Day: today})
	}
	list[len(list)-1].OK += ok
	list[len(list)-1].Refused += refused
	return list
}

// TopicTokenDays lists the used days of all tokens of a topic since a moment, by token id.
func (d *DB) TopicTokenDays(ctx context.Context, topic int64, since time.Time) (map[string][]TokenDay, error) {
	rows, err := d.read.QueryContext(ctx, `
		select a.token_id, a.day, a.ok, a.refused
		from token_day a join token k on k.id = a.token_id
		where k.topic_id = ? and a.day >= ?
		order by a.day`, topic, day(since))
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	days := map[string][]TokenDay{}
	for rows.Next() {
		var id string
		var n int64
		var t TokenDay
		if err := rows.Scan(&id, &n, &t.OK, &t.Refused); err != nil {
			return nil, classify(err)
		}
		t.Day = time.Unix(n*86400, 0).UTC()
		days[id] = append(days[id], t)
	}
	for _, id := range d.usage.usedTokens() {
		days[id] = d.usage.pendingDay(id, days[id], d.now())
	}
	return days, classify(rows.Err())
}

func (u *usage) usedTokens() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var ids []string
	for id := range u.tokens {
		ids = append(ids, id)
	}
	return ids
}

// TokenAddress is one address that used a token.
type TokenAddress struct {
	Address string
	LastAt  time.Time
	Count   int64
}

// TokenAddresses lists the newest addresses of a token, at most five.
func (d *DB) TokenAddresses(ctx context.Context, id string) ([]TokenAddress, error) {
	rows, err := d.read.QueryContext(ctx, `
		select address, last_at, count
		from token_address
		where token_id = ?
		order by last_at desc`, id)
	return collect(rows, err, func(row interface{ Scan(...any) error }) (TokenAddress, error) {
		var at int64
		var a TokenAddress
		err := row.Scan(&a.Address, &at, &a.Count)
		a.LastAt = time.UnixMilli(at)
		return a, err
	})
}
