package db

import "time"

// pairedIdle is how long a paired device may stay unused before its key is revoked: one that is lost must not stay signed in for ever. A
// device that receives notifications counts as used, even when it is never opened and its topics are silent: it may wait for the one
// alarm of the year.
const pairedIdle = 180 * 24 * time.Hour

// maintainer is the actor, in the activity log, of what a sweep does. No account can have its name.
var maintainer = By{Name: "the server"}

// unusedDevices revokes the keys of paired devices that have not been used for long.
func (s *sweep) unusedDevices() error {
	if s.stopped() {
		return nil
	}
	const unused = `
		paired and revoked_at is null and created_at < ?1
		and not exists (select 1 from session where key_id = key.id and last_used_at >= ?1)
		and not exists (select 1 from device where key_id = key.id and (failures = 0 or delivered_at >= ?1))`
	before := s.now.Add(-pairedIdle).UnixMilli()
	var n int
	if err := s.d.read.QueryRowContext(s.ctx, "select count(*) from key where "+unused, before).Scan(&n); err != nil || n == 0 {
		return err
	}
	return s.d.write(func(tx *Tx) error {
		rows, err := tx.query("update key set revoked_at = ?2 where "+unused+" returning user_id, name", before, s.now.UnixMilli())
		ended, err := collect(rows, err, func(row scanner) (k Key, err error) {
			err = row.Scan(&k.UserID, &k.Name)
			return k, err
		})
		for _, k := range ended {
			if err != nil {
				break
			}
			var u User
			if u, err = scanUser(tx.row("select "+userFields+" from user where id = ?", k.UserID)); err != nil {
				break
			}
			tx.changed(Change{User: k.UserID, Keys: true})
			if err = tx.endKeyed(k.UserID); err == nil {
				err = tx.audit(AccountEvent(maintainer, "key.revoke", &u, `"`+k.Name+`": a paired device that was not used for 180 days`))
			}
		}
		return err
	})
}
