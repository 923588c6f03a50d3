package db

import "time"

// prune deletes what is kept for looking back, once it is older than Retention.Audit: lines of the activity log, counts per
// day, and tokens that ended then, with their addresses.
func (s *sweep) prune() error {
	if s.r.Audit <= 0 {
		return nil
	}
	past := s.now.Add(-s.r.Audit)
	for _, part := range []func(before time.Time) error{s.pruneAudit, s.pruneDays, s.pruneTokens} {
		if err := part(past); err != nil {
			return err
		}
	}
	return nil
}

// pruneAudit goes through the log from its oldest line and stops at the first one that is kept. Lines that carry a time in
// the future come from a clock that ran ahead, and are passed over.
func (s *sweep) pruneAudit(before time.Time) error {
	for after := int64(0); !s.stopped(); {
		rows, err := s.d.read.QueryContext(s.ctx, "select id, at from audit where id > ? order by id limit ?", after, retentionStep)
		list, err := collect(rows, err, func(r scanner) (line struct{ id, at int64 }, err error) {
			err = r.Scan(&line.id, &line.at)
			return line, err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		first := list[0].id
		for _, line := range list {
			if line.at >= before.UnixMilli() && line.at <= s.now.UnixMilli() {
				break
			}
			after = line.id
		}
		if after < first {
			return nil
		}
		err = s.d.write(func(tx *Tx) error {
			_, err := tx.exec("delete from audit where id between ? and ? and at < ?", first, after, before.UnixMilli())
			return err
		})
		if err != nil || after < list[len(list)-1].id {
			return err
		}
	}
	return nil
}

// pruneDays deletes counts of days. Both tables are small: one row for a day on which a topic or token was used.
func (s *sweep) pruneDays(before time.Time) error {
	for _, table := range []struct{ find, delete string }{
		{"select count(*) from token_day where day < ?1",
			"delete from token_day where (token_id, day) in (select token_id, day from token_day where day < ?1 limit ?2)"},
		{"select count(*) from message_day where day < ?1",
			"delete from message_day where (topic_id, day) in (select topic_id, day from message_day where day < ?1 limit ?2)"},
	} {
		if err := s.deleteSteps(table.find, table.delete, day(before)); err != nil {
			return err
		}
	}
	return nil
}

// pruneTokens deletes tokens that were revoked or expired before a moment; what the store knows of their use is deleted with
// them.
func (s *sweep) pruneTokens(before time.Time) error {
	return s.deleteSteps(
		"select count(*) from token where revoked_at < ?1 or expires_at < ?1",
		"delete from token where id in (select id from token where revoked_at < ?1 or expires_at < ?1 limit ?2)",
		before.UnixMilli())
}

// pruneRead forgets what accounts have read singly of messages that are gone, in a sweep that deleted any.
func (s *sweep) pruneRead() error {
	if s.deleted == 0 {
		return nil
	}
	const gone = "message_id < coalesce((select min(m.id) from message m where m.topic_id = r.topic_id), ?1)"
	return s.deleteSteps(
		"select count(*) from message_read r where "+gone,
		"delete from message_read where (user_id, topic_id, message_id) in (select user_id, topic_id, message_id from message_read r where "+gone+" limit ?2)",
		int64(idMax))
}

// deleteSteps deletes in writes of their own until nothing is found; it writes nothing when there is nothing.
func (s *sweep) deleteSteps(find, remove string, before int64) error {
	for !s.stopped() {
		var n int64
		if err := s.d.read.QueryRowContext(s.ctx, find, before).Scan(&n); err != nil || n == 0 {
			return err
		}
		err := s.d.write(func(tx *Tx) error {
			_, err := tx.exec(remove, before, retentionStep)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
