package db

import (
	"context"
	"database/sql"
	"time"
)

// Device is a browser that messages are pushed to.
type Device struct {
	ID          string
	UserID      string
	Name        string
	Endpoint    string // of its push service
	P256dh      []byte // its public key
	Secret      []byte
	Base        string // the site's URL as the device knows it
	CreatedAt   time.Time
	DeliveredAt time.Time
	Failures    int // in a row
	Failure     string
	FailedAt    time.Time
	RetryAt     time.Time
	MutedUntil  time.Time
	QuietFrom   int // minutes of the day; both -1 without quiet hours
	QuietTo     int
	Zone        string
	Topics      []DeviceTopic
}

// DeviceTopic is a topic that a device follows.
type DeviceTopic struct {
	TopicID int64
	Topic   string
	Least   int // priority
	Muted   bool
}

const deviceFields = `d.id, d.user_id, d.name, d.endpoint, d.p256dh, d.secret, d.base, d.created_at, d.delivered_at, d.failures, d.failure,
	d.failed_at, d.retry_at, d.muted_until, coalesce(d.quiet_from, -1), coalesce(d.quiet_to, -1), d.zone`

func scanDevice(row interface{ Scan(...any) error }) (Device, error) {
	var v Device
	var created int64
	var delivered, failed, retry, muted sql.NullInt64
	err := row.Scan(&v.ID, &v.UserID, &v.Name, &v.Endpoint, &v.P256dh, &v.Secret, &v.Base, &created, &delivered, &v.Failures, &v.Failure,
		&failed, &retry, &muted, &v.QuietFrom, &v.QuietTo, &v.Zone)
	v.CreatedAt, v.DeliveredAt, v.FailedAt = time.UnixMilli(created), moment(delivered), moment(failed)
	v.RetryAt, v.MutedUntil = moment(retry), moment(muted)
	return v, notFound(err)
}

// SaveDevice stores a subscription and fills in its ID. The same subscription again is the same device: of a browser that
// another account signs in to, it becomes that account's and follows nothing.
func (d *DB) SaveDevice(v *Device) error {
	return d.write(func(tx *Tx) error {
		if _, err := tx.exec("delete from device where endpoint = ? and user_id <> ?", v.Endpoint, v.UserID); err != nil {
			return err
		}
		return tx.row(`
			insert into device (id, user_id, name, endpoint, p256dh, secret, base, created_at, zone)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (endpoint) do update
			set p256dh = excluded.p256dh, secret = excluded.secret, base = excluded.base, failures = 0, failure = '', retry_at = null
			returning id, name`,
			NewName("device"), v.UserID, v.Name, v.Endpoint, v.P256dh, v.Secret, v.Base, tx.d.now().UnixMilli(), v.Zone).Scan(&v.ID, &v.Name)
	})
}

// RenewDevice gives an account's device the subscription that took the place of an old one; ErrNotFound without such a device.
func (d *DB) RenewDevice(old string, v *Device) error {
	return d.write(func(tx *Tx) error {
		err := tx.row(`
			update device
			set endpoint = ?, p256dh = ?, secret = ?, failures = 0, failure = '', retry_at = null
			where endpoint = ? and user_id = ?
			returning id, name`, v.Endpoint, v.P256dh, v.Secret, old, v.UserID).Scan(&v.ID, &v.Name)
		return notFound(err)
	})
}

// FollowTopic makes a device follow a topic from now on, or changes from which priority it does.
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

// UnfollowTopic ends that.
func (d *DB) UnfollowTopic(device string, topic int64) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device_topic where device = ? and topic = ?", device, topic)
		return err
	})
}

// UpdateDevice stores the name, the mute, the quiet hours and the zone of an account's device; ErrNotFound without it.
func (d *DB) UpdateDevice(v Device) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec(`
			update device
			set name = ?, muted_until = nullif(?, 0), quiet_from = nullif(?, -1), quiet_to = nullif(?, -1), zone = ?
			where id = ? and user_id = ?`,
			v.Name, unixMilli(v.MutedUntil), v.QuietFrom, v.QuietTo, v.Zone, v.ID, v.UserID)
		return someRow(n, err)
	})
}

// DeleteDevice removes a device of an account, or of any for "".
func (d *DB) DeleteDevice(user, id string) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("delete from device where id = ?1 and (user_id = ?2 or ?2 = '')", id, user)
		return someRow(n, err)
	})
}

func someRow(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Device reads a device without its topics, or ErrNotFound.
func (d *DB) Device(ctx context.Context, id string) (Device, error) {
	return scanDevice(d.row(ctx, "select "+deviceFields+" from device d where d.id = ?", id))
}

// Devices lists the devices of an account with what they follow, the newest first.
func (d *DB) Devices(ctx context.Context, user string) ([]Device, error) {
	rows, err := d.read.QueryContext(ctx, "select "+deviceFields+" from device d where d.user_id = ? order by d.created_at desc, d.id", user)
	list, err := collect(rows, err, scanDevice)
	if err != nil {
		return nil, err
	}
	place := map[string]*Device{}
	for i := range list {
		place[list[i].ID] = &list[i]
	}
	rows, err = d.read.QueryContext(ctx, `
		select f.device, f.topic, t.name, f.least, f.muted
		from device_topic f
		join device d on d.id = f.device
		join topic t on t.id = f.topic
		where d.user_id = ?
		order by t.name`, user)
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var device string
		var f DeviceTopic
		if err := rows.Scan(&device, &f.TopicID, &f.Topic, &f.Least, &f.Muted); err != nil {
			return nil, err
		}
		if v := place[device]; v != nil {
			v.Topics = append(v.Topics, f)
		}
	}
	return list, classify(rows.Err())
}

// Followers are the devices of each topic that some device follows.
func (d *DB) Followers(ctx context.Context) (map[int64][]string, error) {
	rows, err := d.read.QueryContext(ctx, "select topic, device from device_topic order by device")
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	out := map[int64][]string{}
	for rows.Next() {
		var topic int64
		var device string
		if err := rows.Scan(&topic, &device); err != nil {
			return nil, err
		}
		out[topic] = append(out[topic], device)
	}
	return out, classify(rows.Err())
}

// Unpushed are the oldest messages that a device has not been handed and its account may read, and how it follows their
// topics.
func (d *DB) Unpushed(ctx context.Context, v Device, limit int) ([]Message, map[int64]DeviceTopic, error) {
	list, err := d.messages(ctx, `
		select `+messageFields+`
		from device_topic f
		join message on topic_id = f.topic and id > f.place
		where f.device = ?1 and exists (
		  select 1
		  from topic t
		  join user u on u.id = ?2
		  where t.id = topic_id and u.disabled_at is null and (t.access_level <> 'private' or t.owner_id = u.id or u.is_admin))
		order by id
		limit ?3`, v.ID, v.UserID, limit)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	rows, err := d.read.QueryContext(ctx, `
		select f.topic, t.name, f.least, f.muted
		from device_topic f
		join topic t on t.id = f.topic
		where f.device = ?`, v.ID)
	if err != nil {
		return nil, nil, classify(err)
	}
	defer rows.Close()
	follows := map[int64]DeviceTopic{}
	for rows.Next() {
		var f DeviceTopic
		if err := rows.Scan(&f.TopicID, &f.Topic, &f.Least, &f.Muted); err != nil {
			return nil, nil, err
		}
		follows[f.TopicID] = f
	}
	return list, follows, classify(rows.Err())
}

// Pushed notes how far a device was handed each topic's messages, and when the last delivery was (zero: none).
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

// PushFailed notes a delivery that failed and when it is tried again.
func (d *DB) PushFailed(device, failure string, at, retry time.Time) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update device set failures = failures + 1, failure = ?, failed_at = ?, retry_at = nullif(?, 0) where id = ?",
			failure, at.UnixMilli(), unixMilli(retry), device)
		return err
	})
}
