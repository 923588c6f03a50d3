package wire

import (
	"notifer/db"
	"notifer/server/request"
)

// History answers a topic's messages as a bare array: the newest first, or, with since or after, the oldest first
// from there, so that it can be polled without loss.
func (w *Wire) History(c *request.Call) error {
	q, err := request.ReadSearch(c, []int64{c.Topic.ID})
	if err != nil {
		return err
	}
	if q.Scans() {
		if err := c.BeginSearch(); err != nil {
			return err
		}
	}
	return c.WritePage(func(dst []byte) ([]byte, error) {
		list, next, err := w.historyPage(c, q)
		if err != nil {
			return nil, err
		}
		dst = append(dst, '[')
		for i := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			list[i].Topic = c.Topic.Name
			if dst = AppendMessage(dst, &list[i], false); len(dst) >= request.PageBytes && i+1 < len(list) {
				next = list[i].ID
				break
			}
		}
		if next > 0 {
			c.W.Header().Set("X-Next", next.String())
		}
		return append(dst, "]\n"...), nil
	})
}

// historyPage reads one page and the id to go on from when there may be more: a search looks at so many messages and
// may have found none of them. Whether the poller's place is still kept is asked afterwards, so that what retention deletes in
// between is told as gone.
func (w *Wire) historyPage(c *request.Call, q db.Search) ([]db.Message, db.ID, error) {
	list, next, err := w.site.DB.Search(c.R.Context(), q)
	if err != nil {
		return nil, 0, err
	}
	moved, err := w.resumePage(c, &q)
	if moved && err == nil {
		list, next, err = w.site.DB.Search(c.R.Context(), q)
	}
	return list, next, err
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
