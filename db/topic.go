package db

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// The access levels of a topic.
const (
	Public    = "public"    // everyone publishes and subscribes
	Protected = "protected" // accounts publish, everyone subscribes
	Private   = "private"   // the owner, and tokens of the topic
)

// Topic is a named channel of messages. Name never changes.
type Topic struct {
	ID             int64  // within the store
	PublicID       string // topic_ and 16 characters
	Name           string
	DisplayName    string
	OwnerID        string
	OwnerName      string
	OwnerDisabled  bool
	AccessLevel    string
	Description    string
	Discoverable   bool
	IconName       string
	IconColor      string
	Retention      time.Duration // 0: as configured for all
	RetentionBytes int64         // 0: no limit of its own
	Inbox          bool          // the account's own, which notices are written to
	MessageCount   int64         // stored now
	CreatedAt      time.Time     // later than the id of every message of an earlier topic of this name
	LastMessageAt  time.Time
}

// NewTopic is a private topic of an account with the usual icon, for CreateTopic.
func NewTopic(name string, owner User) Topic {
	return Topic{Name: name, OwnerID: owner.ID, OwnerName: owner.Username, AccessLevel: Private, IconName: "bell", IconColor: "blue"}
}

const topicFields = `
	t.id, t.public_id, t.name, t.display_name, t.owner_id, u.username, u.disabled_at is not null, t.access_level,
	t.description, t.is_discoverable, t.icon_name, t.icon_color, coalesce(t.retention_ms, 0),
	coalesce(t.retention_bytes, 0), t.inbox,
	t.message_count + (select count(*) from message m where m.topic_id = t.id and m.id > t.counted_to),
	t.created_at,
	(select at from message m where m.topic_id = t.id order by m.id desc limit 1)`

const topicFrom = " from topic t join user u on u.id = t.owner_id "

func scanTopic(row scanner) (Topic, error) {
	var t Topic
	var retention, created int64
	var last sql.NullInt64
	err := row.Scan(&t.ID, &t.PublicID, &t.Name, &t.DisplayName, &t.OwnerID, &t.OwnerName, &t.OwnerDisabled,
		&t.AccessLevel, &t.Description, &t.Discoverable, &t.IconName, &t.IconColor, &retention, &t.RetentionBytes,
		&t.Inbox, &t.MessageCount, &created, &last)
	t.Retention = time.Duration(retention) * time.Millisecond
	t.CreatedAt, t.LastMessageAt = time.UnixMilli(created), moment(last)
	return t, notFound(err)
}

// CreateTopic stores a topic and fills in its IDs and CreatedAt; ErrTaken when the name is.
func (d *DB) CreateTopic(t *Topic, by By) error { return d.CreateTopicWithin(t, 0, by) }

// CreateTopicWithin is CreateTopic with a bound on the owner's topics: ErrLimit for more than most; 0 is no bound.
func (d *DB) CreateTopicWithin(t *Topic, most int, by By) error {
	return d.write(func(tx *Tx) error {
		if err := tx.within(most, "select count(*) from topic where owner_id = ?", t.OwnerID); err != nil {
			return err
		}
		t.PublicID, t.CreatedAt = NewName("topic"), tx.newEpoch()
		err := tx.row(`
			insert into topic (public_id, name, display_name, owner_id, access_level, description, is_discoverable,
			  icon_name, icon_color, retention_ms, retention_bytes, inbox, created_at)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?)
			returning id`,
			t.PublicID, t.Name, t.DisplayName, t.OwnerID, t.AccessLevel, t.Description, t.Discoverable, t.IconName,
			t.IconColor, t.Retention.Milliseconds(), t.RetentionBytes, t.Inbox, t.CreatedAt.UnixMilli()).Scan(&t.ID)
		if err != nil {
			return err
		}
		tx.changed(Change{Topic: t.ID})
		if err := tx.followNew(t); err != nil {
			return err
		}
		return tx.audit(Audit{By: by, Verb: "topic.create", TopicID: t.ID, Topic: t.Name, Detail: t.AccessLevel})
	})
}

// within fails with ErrLimit when a query counts as many rows as there may be; 0 is no bound.
func (t *Tx) within(most int, query string, args ...any) error {
	if most == 0 {
		return nil
	}
	var n int
	if err := t.row(query, args...).Scan(&n); err != nil {
		return err
	}
	if n >= most {
		return ErrLimit
	}
	return nil
}

// newEpoch returns a creation time that is later than the time of every message id so far and not later than that of any id to
// come. It is the current time, unless the clock went back, is out of range, or the last id is of this millisecond; then it is
// one millisecond after the last id.
func (t *Tx) newEpoch() time.Time {
	at := t.d.now()
	if after := t.d.w.last.Time().Add(time.Millisecond); at.Before(after) || FirstID(at) == idMax {
		at = after
	}
	t.d.w.last = max(t.d.w.last, FirstID(at)-1)
	return at
}

// Topic reads a topic by name, or ErrNotFound.
func (d *DB) Topic(ctx context.Context, name string) (Topic, error) {
	return scanTopic(d.row(ctx, "select "+topicFields+topicFrom+"where t.name = ?", name))
}

// TopicByPublicID reads a topic by its topic_... id, or ErrNotFound.
func (d *DB) TopicByPublicID(ctx context.Context, id string) (Topic, error) {
	return scanTopic(d.row(ctx, "select "+topicFields+topicFrom+"where t.public_id = ?", id))
}

// UpdateTopic lets change alter a topic and stores all but its name, its owner and its counters, in one transaction: of two
// changes at once neither undoes the other. change names the fields it altered, for the activity log; without any nothing is
// stored. It fails with the error of change, which must not write to the store.
func (d *DB) UpdateTopic(id int64, by By, change func(*Topic) ([]string, error)) (t Topic, err error) {
	err = d.write(func(tx *Tx) error {
		tx.changed(Change{Topic: id})
		if t, err = scanTopic(tx.row("select "+topicFields+topicFrom+"where t.id = ?", id)); err != nil {
			return err
		}
		changed, err := alter(tx, &t, change)
		if err != nil || len(changed) == 0 {
			return err
		}
		if err := tx.updateTopic(&t); err != nil {
			return err
		}
		return tx.audit(Audit{By: by, Verb: "topic.update", TopicID: t.ID, Topic: t.Name, Detail: strings.Join(changed, ", ")})
	})
	return t, err
}

func (t *Tx) updateTopic(to *Topic) error {
	_, err := t.exec(`
		update topic
		set display_name = ?, access_level = ?, description = ?, is_discoverable = ?, icon_name = ?,
		    icon_color = ?, retention_ms = nullif(?, 0), retention_bytes = nullif(?, 0)
		where id = ?`,
		to.DisplayName, to.AccessLevel, to.Description, to.Discoverable, to.IconName, to.IconColor,
		to.Retention.Milliseconds(), to.RetentionBytes, to.ID)
	return err
}

// DeleteTopic removes a topic and ends its tokens at once; its messages are deleted afterwards, in steps. The line about it is an event
// of accounts, since nobody reads the activity log of a deleted topic.
func (d *DB) DeleteTopic(t Topic, by By) error {
	return d.write(func(tx *Tx) error {
		if err := tx.dropTopic(t.ID); err != nil {
			return err
		}
		return tx.audit(Audit{By: by, Verb: "topic.delete", Topic: t.Name})
	})
}

func (t *Tx) dropTopic(id int64) error {
	t.changed(Change{Topic: id, Tokens: true})
	n, err := t.exec("delete from topic where id = ?", id)
	if err := someRow(n, err); err != nil {
		return err
	}
	_, err = t.exec("insert into topic_gone (topic_id) values (?)", id)
	return err
}

// CountMessages counts the messages of all topics.
func (d *DB) CountMessages(ctx context.Context) (int64, error) {
	var n int64
	err := d.read.QueryRowContext(ctx, `
		select coalesce(sum(
		  t.message_count + (select count(*) from message m where m.topic_id = t.id and m.id > t.counted_to)), 0)
		from topic t`).Scan(&n)
	return n, classify(err)
}

// TopicsPerOwner counts the topics of each account that has any, by its id.
func (d *DB) TopicsPerOwner(ctx context.Context) (map[string]int, error) {
	rows, err := d.read.QueryContext(ctx, "select owner_id, count(*) from topic group by owner_id")
	out := map[string]int{}
	return out, each(rows, err, func(row scanner) error {
		var owner string
		var n int
		err := row.Scan(&owner, &n)
		out[owner] = n
		return err
	})
}
