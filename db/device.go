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
	KeyID       string // of a paired device: the key that it is limited to
	SessionID   string // when it is stored: the account's session in that browser
	Stranger    bool   // a paired device of another person, which does not mark what the account has read
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

const deviceFields = `d.id, d.user_id, coalesce(d.key_id, ''),
	not coalesce((select own_reader from key where id = d.key_id), d.key_id is null), d.name, d.endpoint, d.p256dh, d.secret, d.base, d.created_at, d.delivered_at, d.failures, d.failure,
	d.failed_at, d.retry_at, d.muted_until, coalesce(d.quiet_from, -1), coalesce(d.quiet_to, -1), d.zone`

func scanDevice(row interface{ Scan(...any) error }) (Device, error) {
	var v Device
	var created int64
	var delivered, failed, retry, muted sql.NullInt64
	err := row.Scan(&v.ID, &v.UserID, &v.KeyID, &v.Stranger, &v.Name, &v.Endpoint, &v.P256dh, &v.Secret, &v.Base, &created, &delivered, &v.Failures, &v.Failure,
		&failed, &retry, &muted, &v.QuietFrom, &v.QuietTo, &v.Zone)
	v.CreatedAt, v.DeliveredAt, v.FailedAt = time.UnixMilli(created), moment(delivered), moment(failed)
	v.RetryAt, v.MutedUntil = moment(retry), moment(muted)
	return v, notFound(err)
}

// SaveDevice stores a subscription and fills in its ID. The same subscription again is the same device: of a browser that
// another account or key signs in with, it becomes theirs and follows nothing. A new device of a key follows what the key reaches.
func (d *DB) SaveDevice(v *Device) error { return d.SaveDeviceWithin(v, 0, nil) }

// SaveDeviceWithin is SaveDevice for an account that may have so many devices, ErrLimit for one more; 0 is no bound. A name that another
// device of the account has becomes numbered(name, 2), or with the next number that is free; nil leaves it.
func (d *DB) SaveDeviceWithin(v *Device, most int, numbered func(name string, n int) string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device where endpoint = ?1 and (user_id <> ?2 or coalesce(key_id, '') <> ?3)", v.Endpoint, v.UserID, v.KeyID)
		if err != nil {
			return err
		}
		if v.KeyID != "" {
			if _, err := tx.exec("delete from device where key_id = ? and endpoint <> ?", v.KeyID, v.Endpoint); err != nil {
				return err
			}
		}
		err = tx.within(most, "select count(*) from device where user_id = ?1 and not exists (select 1 from device where endpoint = ?2)", v.UserID, v.Endpoint)
		if err != nil {
			return err
		}
		if v.KeyID == "" && numbered != nil {
			if v.Name, err = tx.freeDeviceName(v, numbered); err != nil {
				return err
			}
		}
		id := NewName("device")
		err = tx.row(`
			insert into device (id, user_id, key_id, session_id, name, endpoint, p256dh, secret, base, created_at, zone)
			values (?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)
			on conflict (endpoint) do update
			set p256dh = excluded.p256dh, secret = excluded.secret, base = excluded.base, session_id = excluded.session_id, failures = 0, failure = '', retry_at = null
			returning id, name`,
			id, v.UserID, v.KeyID, v.SessionID, v.Name, v.Endpoint, v.P256dh, v.Secret, v.Base, tx.d.now().UnixMilli(), v.Zone).Scan(&v.ID, &v.Name)
		if err != nil || v.KeyID == "" || v.ID != id {
			return err
		}
		_, err = tx.exec(follow+"where d.id = ?", id)
		return err
	})
}

// freeDeviceName is a device's name, numbered where another device of the account has that name: two phones of one kind differ.
func (t *Tx) freeDeviceName(v *Device, numbered func(name string, n int) string) (string, error) {
	name := v.Name
	for n := 2; ; n++ {
		var taken bool
		err := t.row("select count(*) > 0 from device where user_id = ? and name = ? and endpoint <> ?", v.UserID, name, v.Endpoint).Scan(&taken)
		if err != nil || !taken {
			return name, err
		}
		name = numbered(v.Name, n)
	}
}

// follow makes devices of keys follow, from now on, what their keys reach of the account's topics. Conditions on the device d, its
// key k and the topic t come behind it.
var follow = `
	insert or ignore into device_topic (device, topic, least, place)
	select d.id, t.id, 1, coalesce((select max(id) from message where topic_id = t.id), 0)
	from device d
	join key k on k.id = d.key_id and k.revoked_at is null
	join topic t on t.owner_id = k.user_id and not t.inbox and ` + reaches("k.topics") + `
	`

// followNew makes devices of keys follow a topic that has just been made.
func (t *Tx) followNew(topic *Topic) error {
	n, err := t.exec(follow+"where t.id = ?", topic.ID)
	if n > 0 {
		t.changed(Change{User: topic.OwnerID, Keys: true})
	}
	return err
}

// followKey makes the device of a key, whose topics have changed, follow those that the key reaches and did not reach before,
// and none that it does not reach.
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

// RenewDevice gives an account's device the subscription that took the place of an old one, or is the same, and the session that its
// browser has now; ErrNotFound without such a device.
func (d *DB) RenewDevice(old string, v *Device) error {
	return d.write(func(tx *Tx) error {
		err := tx.row(`
			update device
			set endpoint = ?1, p256dh = ?2, secret = ?3, session_id = nullif(?7, ''), base = ?8,
			  failures = iif(endpoint = ?1, failures, 0), failure = iif(endpoint = ?1, failure, ''), retry_at = iif(endpoint = ?1, retry_at, null)
			where endpoint = ?4 and user_id = ?5 and coalesce(key_id, '') = ?6
			returning id, name`, v.Endpoint, v.P256dh, v.Secret, old, v.UserID, v.KeyID, v.SessionID, v.Base).Scan(&v.ID, &v.Name)
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

// FollowOwn makes a device that follows nothing follow the topics of its account from now on.
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

// MoveDevices gives the devices of an account the time zone that its owner now lives in: quiet hours follow it.
func (d *DB) MoveDevices(user, zone string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update device set zone = ? where user_id = ?", zone, user)
		return err
	})
}

// DeleteDevice removes a device of an account, or of any for "".
func (d *DB) DeleteDevice(user, id string) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("delete from device where id = ?1 and (user_id = ?2 or ?2 = '')", id, user)
		return someRow(n, err)
	})
}

// PushGone removes a device whose subscription has ended, unless it has another by now.
func (d *DB) PushGone(v Device) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device where id = ? and endpoint = ?", v.ID, v.Endpoint)
		return err
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

// Unpushed are the oldest messages that a device has not been handed and its account, and its key if it has one, may read, and
// how it follows their topics.
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

// PushFailed notes a delivery that failed and when it is tried again, unless the device has another subscription by now.
func (d *DB) PushFailed(v Device, failure string, at, retry time.Time) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update device set failures = failures + 1, failure = ?, failed_at = ?, retry_at = nullif(?, 0) where id = ? and endpoint = ?",
			failure, at.UnixMilli(), unixMilli(retry), v.ID, v.Endpoint)
		return err
	})
}
