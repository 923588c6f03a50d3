// Package query reads what the query of a reader asks for: which messages, how many, and from which place on.
package query

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/request"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

// Search reads the parameters that history and search share. Only who manages the topics may ask for a sender: the answer
// would show it.
func Search(c *request.Call, topics []int64, managed bool) (db.Search, error) {
	q := c.Query
	out := db.Search{Topics: topics, Text: q.Get("q"), Sender: q.Get("sender"), AllTags: q.Get("tags_mode") == "all"}
	if out.Sender != "" && !managed {
		return out, &request.Problem{Status: http.StatusForbidden, Detail: "only those who may manage a topic see who sent its messages: leave sender out"}
	}
	var err error
	if out.Limit, out.Offset, err = Page(q); err != nil {
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
	return out, readRange(q, &out, c.Site.DB.Now())
}

func readRange(q url.Values, out *db.Search, now time.Time) error {
	if v := q.Get("until"); v != "" {
		t, ok := parseTime(v, now)
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
		out.Before = max(id, 1) // before the first there is nothing; 0 would be no bound
	}
	if v := q.Get("after"); v != "" {
		id, err := db.ParseID(v)
		if err != nil {
			return request.BadRequest("after must be a message id: 12 lower-case characters")
		}
		out.After, out.Oldest = id, true
	}
	if v := q.Get("since"); v != "" {
		id, err := Since(v, now)
		if err != nil {
			return err
		}
		out.After, out.Oldest = max(out.After, id), true
	}
	return nil
}

// Page reads limit and offset, or page and per_page.
func Page(q url.Values) (limit, offset int, err error) {
	limit = defaultLimit
	for _, name := range []string{"limit", "per_page"} {
		if v := q.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return 0, 0, request.BadRequest("%s must be a whole number from 1 to %d", name, maxLimit)
			}
			limit = min(n, maxLimit)
		}
	}
	if v := q.Get("page"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1<<20 {
			return 0, 0, request.BadRequest("page must be a whole number from 1")
		}
		if q.Get("per_page") == "" && q.Get("limit") == "" {
			limit = 20
		}
		offset = (n - 1) * limit
	}
	if v := q.Get("offset"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1<<30 {
			return 0, 0, request.BadRequest("offset must be a whole number from 0")
		}
		offset = n
	}
	return limit, offset, nil
}

// Since reads a message id, "all", a duration such as 10m, an RFC 3339 time or unix seconds, and returns the id
// after which messages are wanted.
func Since(v string, now time.Time) (db.ID, error) {
	if id, err := db.ParseID(v); err == nil {
		return id, nil
	}
	if strings.EqualFold(v, "all") {
		return 0, nil
	}
	if t, ok := parseTime(v, now); ok {
		return max(db.FirstID(t)-1, 0), nil
	}
	return 0, request.BadRequest("since must be a message id, an RFC 3339 time, a duration such as 10m, unix seconds or all")
}

func parseTime(v string, now time.Time) (time.Time, bool) {
	for unit, days := range map[string]int{"d": 1, "w": 7} {
		if count, ok := strings.CutSuffix(v, unit); ok {
			if n, err := strconv.ParseUint(count, 10, 16); err == nil {
				return now.AddDate(0, 0, -int(n)*days), true
			}
		}
	}
	if whole, fraction, ok := strings.Cut(v, "."); ok && strings.Trim(fraction, "0123456789") == "" { // a time of Python
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil && n >= 0 && n < 1e11 {
			return time.Unix(n, 0), true
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
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02+15:04:05", "2006-01-02+15:04", time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
