package wire

import (
	"net/url"
	"strconv"
	"strings"

	"notifer/db"
	"notifer/server/request"
)

// History answers a topic's messages as a bare array: the newest first, or, with since or after, the oldest first
// from there, so that it can be polled without loss.
func (w *Wire) History(c *request.Call) error {
	list, err := w.historyPage(c)
	if err != nil {
		return err
	}
	b := replies.Get().(*[]byte)
	defer putReply(b)
	*b = append((*b)[:0], '[')
	for i := range list {
		if i > 0 {
			*b = append(*b, ',')
		}
		list[i].Topic = c.Topic.Name
		*b = AppendMessage(*b, &list[i], false)
	}
	*b = append(*b, "]\n"...)
	c.W.Header()["Content-Type"] = request.JSONType
	c.W.Header()["Content-Length"] = []string{strconv.Itoa(len(*b))}
	c.W.Write(*b)
	return nil
}

// historyPage reads one page, and names the id to go on from when there may be more: a search looks at so many messages and
// may have found none of them. Whether the poller's place is still kept is asked afterwards, so that what retention deletes in
// between is told as gone.
func (w *Wire) historyPage(c *request.Call) ([]db.Message, error) {
	q, err := w.ReadSearch(c, c.Query, []int64{c.Topic.ID})
	if err != nil {
		return nil, err
	}
	list, next, err := w.site.DB.Search(c.R.Context(), q)
	if err != nil {
		return nil, err
	}
	moved, err := w.resumePage(c, &q)
	if moved && err == nil {
		list, next, err = w.site.DB.Search(c.R.Context(), q)
	}
	if next > 0 {
		c.W.Header().Set("X-Next", next.String())
	}
	return list, err
}

// resumePage does for a poller that names a message what the head of a stream does: it tells whether everything since then
// is still kept, and moves the place to the beginning of what is kept where it is gone. A time names no message.
func (w *Wire) resumePage(c *request.Call, q *db.Search) (moved bool, err error) {
	named := c.Query.Get("after")
	if named == "" {
		named = c.Query.Get("since")
	}
	id, err := db.ParseID(named)
	if err != nil {
		return false, nil
	}
	from, echo, err := w.resumeAfter(c, []*db.Topic{c.Topic}, id)
	if err != nil {
		return false, err
	}
	c.W.Header().Set("X-Last-Event-ID", echo)
	if from != id {
		q.After = from
	}
	return from != id, nil
}

// ReadSearch reads the parameters that history and search share.
func (w *Wire) ReadSearch(c *request.Call, q url.Values, topics []int64) (db.Search, error) {
	out := db.Search{Topics: topics, Text: q.Get("q"), AllTags: q.Get("tags_mode") == "all"}
	var err error
	if out.Limit, out.Offset, err = request.ReadPage(q); err != nil {
		return out, err
	}
	if v := q.Get("priority_min"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 5 {
			return out, request.BadRequest("priority_min must be from 1 to 5")
		}
		out.PriorityMin = n
	}
	if mode := q.Get("tags_mode"); mode != "" && mode != "any" && mode != "all" {
		return out, request.BadRequest("tags_mode must be any or all")
	}
	for t := range strings.SplitSeq(q.Get("tags"), ",") {
		if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
			out.Tags = append(out.Tags, t)
		}
	}
	return out, w.readRange(q, &out)
}

func (w *Wire) readRange(q url.Values, out *db.Search) error {
	if v := q.Get("until"); v != "" {
		t, ok := parseTime(v, w.site.DB.Now())
		if !ok {
			return request.BadRequest("until must be an RFC 3339 time, a duration such as 10m or unix seconds")
		}
		out.Until = t
	}
	if v := q.Get("before"); v != "" {
		id, err := db.ParseID(v)
		if err != nil {
			return request.BadRequest("before must be a message id: 12 lower-case characters")
		}
		out.Before = id
	}
	if v := q.Get("after"); v != "" {
		id, err := db.ParseID(v)
		if err != nil {
			return request.BadRequest("after must be a message id: 12 lower-case characters")
		}
		out.After, out.Oldest = id, true
	}
	if v := q.Get("since"); v != "" {
		id, err := w.parseSince(v)
		if err != nil {
			return err
		}
		out.After, out.Oldest = max(out.After, id), true
	}
	return nil
}
