package db

import (
	"context"
	"maps"
	"math"
	"slices"
)

// bySize finds the newest message that does not fit any more and deletes it with all before it. No clock decides here.
func (s *sweep) bySize(topic, limit int64) error {
	before, last := idMax, ID(0)
	for sum := int64(0); last == 0; {
		rows, err := s.rows(sizeQuery+" where topic_id = ? and id < ? order by id desc limit ?", topic, before, retentionStep)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if sum += r.size; sum > limit {
				last = r.id
				break
			}
		}
		before = rows[len(rows)-1].id
	}
	for s.ctx.Err() == nil {
		rows, err := s.rows("select id, at, 0 from message where topic_id = ? and id <= ? order by id limit ?", topic, last, retentionStep)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := s.remove(rows); err != nil {
			return err
		}
	}
	return nil
}

const (
	rowSize   = "octet_length(body) + coalesce(octet_length(title), 0) + coalesce(octet_length(tags), 0) + coalesce(octet_length(extra), 0) + 64"
	sizeQuery = "select id, at, " + rowSize + " from message"
)

// wholeStore deletes messages until the pages in use fit. The topics that hold the most lose their oldest messages, down to one level,
// so that one that is flooded does not push out what the others hold.
func (s *sweep) wholeStore() error {
	for s.ctx.Err() == nil {
		over, err := s.d.Over(s.ctx, s.r)
		if err != nil || over <= 0 {
			return err
		}
		sizes, err := s.topicSizes()
		if err != nil {
			return err
		}
		level, before := sizeLimit(sizes, over), s.deleted
		for topic, size := range sizes {
			if size > level {
				if err := s.bySize(topic, level); err != nil {
					return err
				}
			}
		}
		if s.deleted == before {
			return nil
		}
	}
	return nil
}

// topicSizes reads how many bytes each topic holds.
func (s *sweep) topicSizes() (map[int64]int64, error) {
	rows, err := s.d.read.QueryContext(s.ctx, "select topic_id, sum(size) from (select topic_id, "+rowSize+" as size from message) group by topic_id")
	sizes := map[int64]int64{}
	return sizes, each(rows, err, func(row scanner) error {
		var topic, size int64
		err := row.Scan(&topic, &size)
		sizes[topic] = size
		return err
	})
}

// sizeLimit returns the size to which the largest topics are cut to free over bytes in total; 0 when all of them are not enough.
func sizeLimit(sizes map[int64]int64, over int64) int64 {
	list := slices.Sorted(maps.Values(sizes))
	slices.Reverse(list)
	sum := int64(0)
	for i, size := range list {
		sum += size
		next := int64(0)
		if i+1 < len(list) {
			next = list[i+1]
		}
		if n := int64(i + 1); sum-n*next >= over {
			return max((sum-over)/n, 0)
		}
	}
	return 0
}

// leastShare is what a share of the disk leaves to the store in any case: when other programs fill the disk, what a household keeps is
// not deleted for it.
const leastShare = 256 << 20

// Over is by how many bytes the store is larger than r allows; not more than 0 when it fits.
func (d *DB) Over(ctx context.Context, r Retention) (int64, error) {
	if r.Bytes == 0 && r.Share == 0 {
		return 0, nil
	}
	var used, file int64
	err := d.read.QueryRowContext(ctx, `
		select (p.page_count - f.freelist_count) * z.page_size, p.page_count * z.page_size
		from pragma_page_count p, pragma_freelist_count f, pragma_page_size z`).Scan(&used, &file)
	if err != nil {
		return 0, err
	}
	over := int64(math.MinInt64)
	if r.Bytes > 0 {
		over = used - r.Bytes
	}
	if free, total, ok := diskSpace(d.dir); ok && r.Share > 0 {
		over = max(over, used-shareOf(file+free, total, r.Share))
	}
	return over, nil
}

// shareOf is the store's share of the space that it has or could take on a disk of total bytes.
func shareOf(space, total int64, percent int) int64 {
	return max(space/100*int64(percent), min(leastShare, total/4))
}
