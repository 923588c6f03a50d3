package db

import (
	"context"
	"time"
)

// TokenDay counts a token's requests of one day, which is named by its midnight in UTC.
type TokenDay struct {
	Day     time.Time
	OK      int64 // answered
	Refused int64 // with 403, as Use.Refused
}

// TokenDays lists the days since a moment on which a token was used, today's pending counts included.
func (d *DB) TokenDays(ctx context.Context, id string, since time.Time) ([]TokenDay, error) {
	days, err := d.tokenDays(ctx, "token_id = ?1", id, since)
	return days[id], err
}

// TopicTokenDays lists the used days of all tokens of a topic since a moment, by token id.
func (d *DB) TopicTokenDays(ctx context.Context, topic int64, since time.Time) (map[string][]TokenDay, error) {
	return d.tokenDays(ctx, "token_id in (select id from token where topic_id = ?1)", topic, since)
}

// tokenDays reads the days of some tokens. Its first row belongs to no token: it carries the number of the last flush, which
// is needed when there is no other row too.
func (d *DB) tokenDays(ctx context.Context, which string, of any, since time.Time) (map[string][]TokenDay, error) {
	rows, err := d.read.QueryContext(ctx, `
		select '', 0, `+flushNumber+`, 0
		union all
		select * from (
		  select token_id, day, ok, refused
		  from token_day
		  where `+which+` and day >= ?2
		  order by day)`, of, day(since))
	days := map[string][]TokenDay{}
	var flush int64
	err = each(rows, err, func(row scanner) error {
		var id string
		var n int64
		var t TokenDay
		err := row.Scan(&id, &n, &t.OK, &t.Refused)
		if id == "" {
			flush = t.OK
			return err
		}
		t.Day = startOfDay(n)
		days[id] = append(days[id], t)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.usage.pendingDays(days, flush)
	return days, nil
}

// pendingDays adds what is not written yet, to the days on which it was counted. It adds tokens of other topics too, which
// their caller does not ask for.
func (u *usage) pendingDays(days map[string][]TokenDay, flush int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, from := range u.after(flush) {
		for id, use := range from.tokens {
			days[id] = addDay(days[id], use)
		}
	}
}

func addDay(list []TokenDay, use *tokenUse) []TokenDay {
	at := startOfDay(day(use.last))
	if n := len(list); n == 0 || !list[n-1].Day.Equal(at) {
		list = append(list, TokenDay{Day: at})
	}
	last := &list[len(list)-1]
	last.OK += use.ok
	last.Refused += use.refused
	return list
}

// TokenAddress is one address that used a token: when it last did, and how often in all.
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
	return collect(rows, err, func(row scanner) (TokenAddress, error) {
		var at int64
		var a TokenAddress
		err := row.Scan(&a.Address, &at, &a.Count)
		a.LastAt = time.UnixMilli(at)
		return a, err
	})
}
