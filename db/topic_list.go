package db

import "context"

// TopicFilter selects the topics of a list.
type TopicFilter struct {
	Owner     string   // topics of this account
	Anonymous bool     // what a caller without an account sees: discoverable public and protected ones
	Visible   string   // public, protected and discoverable ones, and those of this account
	Catalog   bool     // discoverable topics; without Visible no private ones
	All       bool     // every topic
	Words     string   // topics whose name or display name contains this
	ByOwner   bool     // with Words: or whose owner's username contains it
	Within    []string // private topics, with Owner all topics, only if they match one of these patterns; nil: no such bound
	Unread    string   // for this account: pinned topics first, then those with unread messages, then the newest message first
	Limit     int      // 0: all of them
	Offset    int      // topics that are skipped
}

func (f TopicFilter) where() (string, []any) {
	where, args := f.listed()
	if f.Words != "" {
		where = "(" + where + ") and (instr(t.name, lower(?)) or instr(lower(t.display_name), lower(?)) or ? and instr(u.username, lower(?)))"
		args = append(args, f.Words, f.Words, f.ByOwner, f.Words)
	}
	if f.Within != nil {
		where, args = "("+where+") and "+f.within(), append(args, topicText(f.Within))
	}
	return where, args
}

// within is the condition of Within, with the list of patterns as its argument.
func (f TopicFilter) within() string {
	fits := matchesOne("?")
	if f.Owner != "" {
		return fits
	}
	return "(t.access_level <> 'private' or " + fits + ")"
}

func (f TopicFilter) listed() (string, []any) {
	switch {
	case f.All:
		return "1", nil
	case f.Owner != "":
		return "t.owner_id = ?", []any{f.Owner}
	case f.Catalog && f.Visible != "":
		return "t.is_discoverable", nil
	case f.Visible != "":
		return "(t.access_level <> 'private' or t.is_discoverable or t.owner_id = ?)", []any{f.Visible}
	default:
		return "t.is_discoverable and t.access_level <> 'private'", nil
	}
}

// order is by name, or by what an account should look at first.
func (f TopicFilter) order() (string, []any) {
	if f.Unread == "" {
		return "t.name", nil
	}
	const newest = "coalesce((select max(id) from message where topic_id = t.id), 0)"
	return `exists (select 1 from pin where topic_id = t.id and user_id = ?) desc,
		  ` + newest + ` > coalesce((select message_id from visit where topic_id = t.id and user_id = ?), 0) desc,
		  ` + newest + " desc, t.name", []any{f.Unread, f.Unread}
}

// Topics lists topics by name, or unread ones first.
func (d *DB) Topics(ctx context.Context, f TopicFilter) ([]Topic, error) {
	where, args := f.where()
	order, more := f.order()
	args = append(append(args, more...), f.Limit, f.Offset)
	rows, err := d.read.QueryContext(ctx, "select "+topicFields+topicFrom+"where "+where+`
		order by `+order+`
		limit coalesce(nullif(?, 0), -1) offset ?`, args...)
	return collect(rows, err, scanTopic)
}

// OwnTopicIDs lists the ids of an account's topics, at most limit; only those that fit patterns, unless these are nil.
func (d *DB) OwnTopicIDs(ctx context.Context, owner string, patterns []string, limit int) ([]int64, error) {
	rows, err := d.read.QueryContext(ctx, "select t.id from topic t where t.owner_id = ?1 and "+reaches("?2")+" limit ?3", owner, topicText(patterns), limit)
	return collect(rows, err, scanValue[int64])
}

// OwnTopicNames lists the names of an account's topics but the inbox, in order.
func (d *DB) OwnTopicNames(ctx context.Context, owner string) ([]string, error) {
	rows, err := d.read.QueryContext(ctx, "select name from topic where owner_id = ? and not inbox order by name", owner)
	return collect(rows, err, scanValue[string])
}

// CountTopics counts what Topics would list without a limit.
func (d *DB) CountTopics(ctx context.Context, f TopicFilter) (int, error) {
	where, args := f.where()
	var n int
	err := d.read.QueryRowContext(ctx, "select count(*)"+topicFrom+"where "+where, args...).Scan(&n)
	return n, classify(err)
}
