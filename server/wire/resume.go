package wire

import (
	"strings"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/server/request/query"
)

// earliest is what X-Last-Event-ID says when the place the client named is gone.
const earliest = "earliest"

// retryAfter is what browsers wait before they connect again; three seconds by default.
const retryAfter = "retry: 1000\n"

// place is where a stream begins.
type place struct {
	from  db.ID
	echo  string // X-Last-Event-ID: whether everything since the place that the client named is still kept; empty when it named none
	named bool   // from is the id that the client named
}

// say answers a client that named a place.
func (p place) say(c *request.Call) {
	if p.echo != "" {
		c.W.Header().Set("X-Last-Event-ID", p.echo)
	}
}

// opening comes before the first event. It names the place, so that a stream that is cut before its first event resumes, unless the
// client knows it already: it is an event without data, on which some libraries fail.
func (p place) opening() string {
	if p.named {
		return retryAfter
	}
	return retryAfter + "id: " + p.from.String() + "\n\n"
}

// resumePoint is the cursor a stream starts after. The first id of Last-Event-ID, last_event_id and lastEventId counts, then
// since; without any of them the stream is live only. lastEventId is what event-source-polyfill sends instead of the header.
func (w *Wire) resumePoint(c *request.Call, topics []*db.Topic) (place, error) {
	q := c.Query
	header, typed, library := firstOf(c.R.Header["Last-Event-Id"]), firstOf(q["last_event_id"]), firstOf(q["lastEventId"])
	for _, named := range []string{header, typed, library} {
		if id, err := db.ParseID(named); err == nil {
			return w.resumeNamed(c, topics, id)
		}
	}
	// A library sends its place by itself, perhaps an id of another server at the same URL, and gives up for good when it is refused.
	lost := header != "" || library != ""
	if typed != "" && !lost {
		return place{}, request.BadRequest("last_event_id must be a message id: 12 lower-case characters")
	}
	p, err := w.begin(c, topics, lost)
	if lost {
		p.echo = earliest
	}
	return p, err
}

// begin returns where a stream starts that names no last message: at since, or now. One whose place is lost gets all that is kept.
func (w *Wire) begin(c *request.Call, topics []*db.Topic, lost bool) (place, error) {
	since := firstOf(c.Query["since"])
	switch {
	case since == "" && lost:
		return place{}, nil
	case since == "":
		return place{from: db.ID(w.hub.Announced())}, nil
	}
	if id, err := db.ParseID(since); err == nil {
		return w.resumeNamed(c, topics, id)
	}
	from, err := query.Since(since, w.site.DB.Now())
	return place{from: min(from, db.ID(w.hub.Announced()))}, err // a client's clock may run ahead: what comes next is still newer
}

// firstOf returns the first value that is not empty: a client may name its place beside an empty field of a library.
func firstOf(values []string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

func (w *Wire) resumeNamed(c *request.Call, topics []*db.Topic, id db.ID) (place, error) {
	from, echo, err := w.resumeAfter(c, topics, id)
	return place{from: from, echo: echo, named: from == id}, err
}

// resumeAfter separates a place that is gone from one that is caught up: an id beyond the newest one, or one that retention
// or a new topic of the same name has overtaken, starts from what is kept. Among several topics, one that is newer than the
// id has lost nothing as long as another could have held it. Before the first id there is nothing to lose.
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
		if id > 0 && id.Time().Before(t.CreatedAt.Truncate(time.Millisecond)) {
			newer++
		}
	}
	if newer == len(topics) {
		return id, earliest, nil
	}
	return id, id.String(), nil
}

// beyondLast reports whether an id was never given. A reader may have seen a message that is stored and not yet announced, so the store
// is asked before the place counts as gone.
func (w *Wire) beyondLast(id db.ID) (bool, error) {
	if int64(id) <= w.hub.Announced() {
		return false, nil
	}
	last, err := w.site.DB.LastID()
	return id > last, err
}
