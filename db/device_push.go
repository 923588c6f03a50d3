package db

import (
	"context"
	"time"
)

// Unpushed lists the oldest messages that a device has not been sent and that its account, and its key if it has one, may read, at most
// limit. It also returns how the device follows its topics.
func (d *DB) Unpushed(ctx context.Context, v Device, limit int) ([]Message, map[int64]DeviceTopic, error) {
	list, err := d.messages(ctx, `
		select `+messageFields+`
		from device_topic f
		join message on topic_id = f.topic and id > f.place
		where f.device = ?1 and exists (
		  select 1
		  from topic t
		  join user u on u.id = ?2
		  left join key k on k.id = ?3
		  where t.id = f.topic and u.disabled_at is null and (
		    ?3 = '' and (t.access_level <> 'private' or t.owner_id = u.id or u.is_admin)
		    or k.revoked_at is null and coalesce(k.expires_at > ?4, 1) and (k.scopes = '*' or instr(',' || k.scopes || ',', ',subscribe,'))
		      and t.owner_id = k.user_id and `+reaches("k.topics")+`))
		order by id
		limit ?5`, v.ID, v.UserID, v.KeyID, d.now().UnixMilli(), limit)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	rows, err := d.read.QueryContext(ctx, `
		select f.topic, t.name, f.least, f.muted
		from device_topic f
		join topic t on t.id = f.topic
		where f.device = ?`, v.ID)
	follows := map[int64]DeviceTopic{}
	return list, follows, each(rows, err, func(row scanner) error {
		var f DeviceTopic
		err := row.Scan(&f.TopicID, &f.Topic, &f.Least, &f.Muted)
		follows[f.TopicID] = f
		return err
	})
}

// Pushed stores up to which message a device was sent each topic, and when the last delivery was; the zero time is none.
func (d *DB) Pushed(device string, places map[int64]ID, at time.Time) error {
	return d.write(func(tx *Tx) error {
		for topic, id := range places {
			if _, err := tx.exec("update device_topic set place = max(place, ?) where device = ? and topic = ?", id, device, topic); err != nil {
				return err
			}
		}
		if at.IsZero() {
			return nil
		}
		_, err := tx.exec("update device set delivered_at = ?, failures = 0, failure = '', retry_at = null where id = ?", at.UnixMilli(), device)
		return err
	})
}

// PushFailed stores a failed delivery and when it is tried again, unless the device has been given another subscription meanwhile.
func (d *DB) PushFailed(v Device, failure string, at, retry time.Time) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update device set failures = failures + 1, failure = ?, failed_at = ?, retry_at = ? where id = ? and endpoint = ?",
			failure, at.UnixMilli(), millis(retry), v.ID, v.Endpoint)
		return err
	})
}

// PushGone removes a device whose subscription has ended, unless it has been given another one meanwhile.
func (d *DB) PushGone(v Device) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device where id = ? and endpoint = ?", v.ID, v.Endpoint)
		return err
	})
}
