package db

// Pin puts a topic at the top of an account's lists, or takes it from there.
func (d *DB) Pin(user string, topic int64, on bool) error {
	return d.write(func(tx *Tx) error {
		query := "insert or ignore into pin (user_id, topic_id) values (?, ?)"
		if !on {
			query = "delete from pin where user_id = ? and topic_id = ?"
		}
		_, err := tx.exec(query, user, topic)
		return err
	})
}
