package wire

import (
	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/request"
	"notifer/server/request/query"
)

// History answers a topic's messages as a bare array: the newest first, or, with since or after, the oldest first
// from there, so that it can be polled without loss.
func (w *Wire) History(c *request.Call) error {
	managed := w.site.Auth.Manages(c.Who, c.Topic)
	q, err := query.Search(c, []int64{c.Topic.ID}, managed)
	if err != nil {
		return err
	}
	if q.Scans() {
		if err := c.BeginSearch(); err != nil {
			return err
		}
	}
	return c.WritePage(func(dst []byte) ([]byte, error) {
		err := w.useHistory(c, q, func(list []db.Message, next db.ID) error {
			if managed {
				if err := w.site.DB.NameSenders(c.R.Context(), list); err != nil {
					return err
				}
			}
			dst = w.appendPage(c, dst, list, next, contract.Appender(managed))
			return nil
		})
		return dst, err
	})
}

// appendPage writes a page, or as much of it as an answer may hold, and says where to go on when there may be more.
func (w *Wire) appendPage(c *request.Call, dst []byte, list []db.Message, next db.ID, write contract.AppendFunc) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		list[i].Topic = c.Topic.Name
		if dst = write(dst, &list[i], api.UTF8); len(dst) >= request.PageBytes && i+1 < len(list) {
			next = list[i].ID
			break
		}
	}
	if next > 0 {
		c.W.Header().Set("X-Next", next.String())
	}
	return append(dst, "]\n"...)
}

// useHistory reads one page and the id to continue from when there may be more: a search looks at a bounded number of messages and may
// find none in them. Whether the poller's place is still kept is checked afterwards, so that deletions in between are reported as gone.
func (w *Wire) useHistory(c *request.Call, q db.Search, use func(list []db.Message, next db.ID) error) error {
	moved := false
	err := w.site.DB.UseSearch(c.R.Context(), q, func(list []db.Message, next db.ID) (err error) {
		if moved, err = w.resumePage(c, &q); moved || err != nil {
			return err
		}
		return use(list, next)
	})
	if moved && err == nil {
		err = w.site.DB.UseSearch(c.R.Context(), q, use)
	}
	return err
}

// resumePage does for a poller that names a message what the head of a stream does: it says whether everything since then
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
