package wire

import (
	"time"

	"notifer/db"
	"notifer/server/request"
)

// earliest is what X-Last-Event-ID says when the place the client named is gone.
const earliest = "earliest"

// resumePoint is the cursor a stream starts after. Last-Event-ID beats last_event_id beats since; without any of them
// the stream is live only. echo tells a resuming client whether everything since its place is still kept.
func (w *Wire) resumePoint(c *request.Call, topics []*db.Topic) (from db.ID, echo string, err error) {
	q := c.Query
	last := c.R.Header.Get("Last-Event-ID")
	if last == "" {
		last = q.Get("last_event_id")
	}
	if last != "" {
		id, err := db.ParseID(last)
		if err != nil {
			return 0, "", request.BadRequest("Last-Event-ID must be a message id: 12 lower-case characters")
		}
		return w.resumeAfter(c, topics, id)
	}
	since := q.Get("since")
	if since == "" {
		return db.ID(w.hub.Announced()), "", nil
	}
	if id, err := db.ParseID(since); err == nil {
		return w.resumeAfter(c, topics, id)
	}
	from, err = request.ParseSince(since, w.site.DB.Now())
	return min(from, db.ID(w.hub.Announced())), "", err // a client's clock may run ahead: what comes next is still newer
}

// resumeAfter tells a place that is gone from one that is caught up: an id beyond the newest one, or one that retention
// or a new topic of the same name has overtaken, starts from what is kept. Among several topics, one that is newer than the
// id has lost nothing as long as another could have held it.
func (w *Wire) resumeAfter(c *request.Call, topics []*db.Topic, id db.ID) (db.ID, string, error) {
	if beyond, err := w.beyondLast(id); beyond || err != nil {
		return 0, earliest, err
	}
	newer := 0
	for _, t := range topics {
		purged, err := w.site.DB.PurgedTo(c.R.Context(), t.ID)
		if err != nil {
			return 0, "", err
		}
		if id < purged {
			return id, earliest, nil
		}
		if id.Time().Before(t.CreatedAt.Truncate(time.Millisecond)) {
			newer++
		}
	}
	if newer == len(topics) {
		return id, earliest, nil
	}
	return id, id.String(), nil
}

// beyondLast reports whether an id is none that we have given. A reader may have seen a message that is stored and not yet
// announced, so the store is asked before the place counts as gone.
func (w *Wire) beyondLast(id db.ID) (bool, error) {
	if int64(id) <= w.hub.Announced() {
		return false, nil
	}
	last, err := w.site.DB.LastID()
	return id > last, err
}
