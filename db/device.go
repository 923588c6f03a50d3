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
	SessionID   string // the account's session in that browser; set to store it, not read
	Stranger    bool   // a paired device of another person: what it reads does not count as read by the account
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

func scanDevice(row scanner) (Device, error) {
	var v Device
	var created int64
	var delivered, failed, retry, muted sql.NullInt64
	err := row.Scan(&v.ID, &v.UserID, &v.KeyID, &v.Stranger, &v.Name, &v.Endpoint, &v.P256dh, &v.Secret, &v.Base, &created, &delivered, &v.Failures, &v.Failure,
		&failed, &retry, &muted, &v.QuietFrom, &v.QuietTo, &v.Zone)
	v.CreatedAt, v.DeliveredAt, v.FailedAt = time.UnixMilli(created), moment(delivered), moment(failed)
	v.RetryAt, v.MutedUntil = moment(retry), moment(muted)
	return v, notFound(err)
}

// SaveDevice stores a subscription and fills in its ID. A subscription that is known stays the same device; when another account or key
// signs in with its browser, it becomes theirs and follows nothing. A new device of a key follows what the key reaches.
func (d *DB) SaveDevice(v *Device) error { return d.SaveDeviceWithin(v, 0, nil) }

// SaveDeviceWithin is SaveDevice with a bound on the devices of the account: ErrLimit for more than most; 0 is no bound. A name that
// another device of the account has becomes numbered(name, n) with the first n from 2 on that is free; without numbered it stays.
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

// freeDeviceName returns a device's name, numbered when another device of the account has it: two phones of one model differ.
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

// RenewDevice stores the new subscription of an account's device, found by the endpoint of the old one, which may be the same, and the
// current session of its browser. ErrNotFound when there is no such device.
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

// UpdateDevice stores the name, the mute, the quiet hours and the time zone of an account's device; ErrNotFound when there is none.
func (d *DB) UpdateDevice(v Device) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec(`
			update device
			set name = ?, muted_until = ?, quiet_from = nullif(?, -1), quiet_to = nullif(?, -1), zone = ?
			where id = ? and user_id = ?`,
			v.Name, millis(v.MutedUntil), v.QuietFrom, v.QuietTo, v.Zone, v.ID, v.UserID)
		return someRow(n, err)
	})
}

// MoveDevices sets the time zone of all devices of an account, in which their quiet hours are.
func (d *DB) MoveDevices(user, zone string) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("update device set zone = ? where user_id = ?", zone, user)
		return err
	})
}

// DeleteDevice removes a device of an account, or of any account when user is empty; ErrNotFound when there is none.
func (d *DB) DeleteDevice(user, id string) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("delete from device where id = ?1 and (user_id = ?2 or ?2 = '')", id, user)
		return someRow(n, err)
	})
}

// PushGone removes a device whose subscription has ended, unless it has been given another one meanwhile.
func (d *DB) PushGone(v Device) error {
	return d.write(func(tx *Tx) error {
		_, err := tx.exec("delete from device where id = ? and endpoint = ?", v.ID, v.Endpoint)
		return err
	})
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
	return list, each(rows, err, func(row scanner) error {
		var device string
		var f DeviceTopic
		err := row.Scan(&device, &f.TopicID, &f.Topic, &f.Least, &f.Muted)
		if v := place[device]; v != nil {
			v.Topics = append(v.Topics, f)
		}
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
