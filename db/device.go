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
	P256dh      []byte // its public key, 65 bytes (RFC 8291)
	Secret      []byte // its authentication secret, 16 bytes
	Base        string // the site's URL as the device knows it
	CreatedAt   time.Time
	DeliveredAt time.Time // the last push that its service took
	Failures    int       // in a row
	Failure     string    // why the last one failed
	FailedAt    time.Time
	RetryAt     time.Time // nothing is sent before
	MutedUntil  time.Time
	QuietFrom   int // minutes of the day in Zone; both -1 without quiet hours
	QuietTo     int
	Zone        string // name in the time zone database; empty: UTC
	Topics      []DeviceTopic
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
//
// ErrLimit when the account has more than most devices then; 0 is no bound. A name that another device of the account has becomes
// numbered(name, n) with the first n from 2 on that is free; without numbered it stays.
func (d *DB) SaveDevice(v *Device, most int, numbered func(name string, n int) string) error {
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

// DeleteDevice removes a device of an account, or of any account when user is empty; ErrNotFound when there is none.
func (d *DB) DeleteDevice(user, id string) error {
	return d.write(func(tx *Tx) error {
		n, err := tx.exec("delete from device where id = ?1 and (user_id = ?2 or ?2 = '')", id, user)
		return someRow(n, err)
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
