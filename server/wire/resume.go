package wire

import (
	"math"
	"strconv"
	"strings"
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
	from, err = w.parseSince(since)
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

// parseSince reads a message id, "all", a duration such as 10m, an RFC 3339 time or unix seconds, and returns the id
// after which messages are wanted.
func (w *Wire) parseSince(v string) (db.ID, error) {
	if id, err := db.ParseID(v); err == nil {
		return id, nil
	}
	if v == "all" {
		return 0, nil
	}
	if t, ok := parseTime(v, w.site.DB.Now()); ok {
		return max(db.FirstID(t)-1, 0), nil
	}
	return 0, request.BadRequest("since must be a message id, an RFC 3339 time, a duration such as 10m, unix seconds or all")
}

func parseTime(v string, now time.Time) (time.Time, bool) {
	if days, ok := strings.CutSuffix(v, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.Add(-time.Duration(n) * 24 * time.Hour), true
		}
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 && n < math.MaxInt64/1000 {
		if n >= 1e11 { // milliseconds
			return time.UnixMilli(n), true
		}
		return time.Unix(n, 0), true
	}
	if d, err := time.ParseDuration(v); err == nil && d >= 0 {
		return now.Add(-d), true
	}
	v = strings.Replace(v, " ", "+", 1) // a plus sign that the query decoding took
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
