package db

import "context"

// CountMessages counts the messages of all topics.
func (d *DB) CountMessages(ctx context.Context) (int64, error) {
	var n int64
	err := d.read.QueryRowContext(ctx, `
		select coalesce(sum(
		  t.message_count + (select count(*) from message m where m.topic_id = t.id and m.id > t.counted_to)), 0)
		from topic t`).Scan(&n)
	return n, classify(err)
}

// TopicsPerOwner counts the topics of each account that has any, by its id.
func (d *DB) TopicsPerOwner(ctx context.Context) (map[string]int, error) {
	rows, err := d.read.QueryContext(ctx, "select owner_id, count(*) from topic group by owner_id")
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var owner string
		var n int
		if err := rows.Scan(&owner, &n); err != nil {
			return nil, err
		}
		out[owner] = n
	}
	return out, classify(rows.Err())
}
