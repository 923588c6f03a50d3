package db

import "context"

// DeviceTopic is a topic that a device follows.
type DeviceTopic struct {
	TopicID int64
	Topic   string
	Least   int // the lowest priority that is pushed, 1 to 5
	Muted   bool
}

// follow makes the devices of keys follow the topics of the account that their keys reach, from the newest message on. A condition on the
// device d, its key k and the topic t is appended to it.
var follow = `
	insert or ignore into device_topic (device, topic, least, place)
	select d.id, t.id, 1, coalesce((select max(id) from message where topic_id = t.id), 0)
	from device d
	join key k on k.id = d.key_id and k.revoked_at is null
	join topic t on t.owner_id = k.user_id and not t.inbox and ` + reaches("k.topics") + `
	`

// followNew makes the devices of keys follow a topic that was just created.
func (t *Tx) followNew(topic *Topic) error {
	n, err := t.exec(follow+"where t.id = ?", topic.ID)
	if n > 0 {
		t.changed(Change{User: topic.OwnerID, Keys: true})
	}
	return err
}

// followKey makes the device of a key, whose topics have changed, follow those that the key reaches and did not reach before, and no
// others than it reaches.
func (t *Tx) followKey(k Key, was []string) error {
	_, err := t.exec(`
		delete from device_topic
		where device in (select id from device where key_id = ?1)
		  and topic not in (select t.id from topic t join key k on k.id = ?1 where `+reaches("k.topics")+")", k.ID)
	if err == nil {
		_, err = t.exec(follow+"where k.id = ?1 and not "+reaches("?2"), k.ID, topicText(was))
	}
	return err
}

// FollowTopic makes a device follow a topic from the newest message on, or changes the lowest priority that it is sent.
func (d *DB) FollowTopic(device string, topic int64, least int) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec(`
			insert into device_topic (device, topic, least, place)
			values (?1, ?2, ?3, coalesce((select max(id) from message where topic_id = ?2), 0))
			on conflict (device, topic) do update
			set least = excluded.least, muted = 0`, device, topic, least)
		return err
	})
}

// FollowOwn makes a device that follows nothing follow all topics of its account but the inbox, from the newest message on.
func (d *DB) FollowOwn(device string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec(`
			insert into device_topic (device, topic, least, place)
			select d.id, t.id, 1, coalesce((select max(id) from message where topic_id = t.id), 0)
			from device d
			join topic t on t.owner_id = d.user_id and not t.inbox
			where d.id = ?1 and not exists (select 1 from device_topic where device = ?1)`, device)
		return err
	})
}

// UnfollowTopic stops a device from following a topic.
func (d *DB) UnfollowTopic(device string, topic int64) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device_topic where device = ? and topic = ?", device, topic)
		return err
	})
}

// Followers maps each topic that is followed to the devices that follow it.
func (d *DB) Followers(ctx context.Context) (map[int64][]string, error) {
	rows, err := d.read.QueryContext(ctx, "select topic, device from device_topic order by device")
	out := map[int64][]string{}
	return out, each(rows, err, func(row scanner) error {
		var topic int64
		var device string
		err := row.Scan(&topic, &device)
		out[topic] = append(out[topic], device)
		return err
	})
}
