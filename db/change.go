package db

// Change says what a commit altered of the records that rights are read from, so that only what depends on them has to be
// read again.
type Change struct {
	Foreign bool   // another process committed: anything may have changed
	User    string // the account with this id, its sessions or its keys
	Keys    bool   // with User: its keys, and with them what their devices follow
	Topic   int64  // the topic with this id, or the name of its owner
	Tokens  bool   // with Topic: all its tokens too
	Token   string // the token with this id
}

// hooks are what runs after a commit.
type hooks struct {
	change   func([]Change)
	messages func([]*Message)
}

// Notify sets what runs after a commit: change with what it altered of rights, messages with the messages it stored, in
// their order; nil is for none. Both run on the committing goroutine before any waiter of the commit is answered, so they
// must not block nor write to the store. Changes committed before Notify are not reported: a caller treats all that it has
// read by then as changed.
func (d *DB) Notify(change func([]Change), messages func([]*Message)) {
	d.hooks.Store(&hooks{change, messages})
}

// changed notes what a function of write has altered; it is reported when the transaction commits.
func (t *Tx) changed(c ...Change) { t.changes = append(t.changes, c...) }

// changedOwner notes that what a topic shows or grants through its owner has changed, for all topics of an account.
func (t *Tx) changedOwner(user string) error {
	rows, err := t.query("select id from topic where owner_id = ?", user)
	topics, err := collect(rows, err, scanValue[int64])
	for _, id := range topics {
		t.changed(Change{Topic: id, Tokens: true})
	}
	return err
}
