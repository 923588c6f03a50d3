package db

import (
	"context"
	"encoding/json"
)

// TopicSize is how much a topic holds. Bytes is an estimate: the average of its newest messages times their number.
type TopicSize struct {
	Bytes  int64
	Tokens int // live
}

// sizeSample is how many messages a topic's size is judged by: to read all would take minutes in a large store.
const sizeSample = 200

// TopicSizes reads the sizes of topics by their ids.
func (d *DB) TopicSizes(ctx context.Context, topics []Topic) (map[int64]TopicSize, error) {
	ids, counts := make([]int64, len(topics)), map[int64]int64{}
	for i, t := range topics {
		ids[i], counts[t.ID] = t.ID, t.MessageCount
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := d.read.QueryContext(ctx, `
		select t.id,
		  (select count(*) from token k where k.topic_id = t.id and k.revoked_at is null and (k.expires_at is null or k.expires_at > ?1)),
		  (select coalesce(avg(size), 0) from (
		    select `+rowSize+` as size
		    from message m where m.topic_id = t.id order by m.id desc limit ?2))
		from topic t
		where t.id in (select value from json_each(?3))`, d.Now().UnixMilli(), sizeSample, string(list))
	out := make(map[int64]TopicSize, len(topics))
	return out, each(rows, err, func(row scanner) error {
		var id int64
		var s TopicSize
		var average float64
		err := row.Scan(&id, &s.Tokens, &average)
		s.Bytes = int64(average * float64(counts[id]))
		out[id] = s
		return err
	})
}
