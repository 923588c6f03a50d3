package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

// handleHistory answers a topic's messages as a bare array: the newest first, or, with since or after, the oldest first
// from there, so that it can be polled without loss.
func (s *Server) handleHistory(c *request.Call) error {
	list, err := s.historyPage(c)
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
		*b = appendMessage(*b, &list[i], false)
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
func (s *Server) historyPage(c *request.Call) ([]db.Message, error) {
	q, err := s.readSearch(c, c.Query, []int64{c.Topic.ID})
	if err != nil {
		return nil, err
	}
	list, next, err := s.d.Search(c.R.Context(), q)
	if err != nil {
		return nil, err
	}
	moved, err := s.resumePage(c, &q)
	if moved && err == nil {
		list, next, err = s.d.Search(c.R.Context(), q)
	}
	if next > 0 {
		c.W.Header().Set("X-Next", next.String())
	}
	return list, err
}

// resumePage does for a poller that names a message what the head of a stream does: it tells whether everything since then
// is still kept, and moves the place to the beginning of what is kept where it is gone. A time names no message.
func (s *Server) resumePage(c *request.Call, q *db.Search) (moved bool, err error) {
	named := c.Query.Get("after")
	if named == "" {
		named = c.Query.Get("since")
	}
	id, err := db.ParseID(named)
	if err != nil {
		return false, nil
	}
	from, echo, err := s.resumeAfter(c, []*db.Topic{c.Topic}, id)
	if err != nil {
		return false, err
	}
	c.W.Header().Set("X-Last-Event-ID", echo)
	if from != id {
		q.After = from
	}
	return from != id, nil
}

// readSearch reads the parameters that history and search share.
func (s *Server) readSearch(c *request.Call, q url.Values, topics []int64) (db.Search, error) {
	out := db.Search{Topics: topics, Text: q.Get("q"), AllTags: q.Get("tags_mode") == "all"}
	var err error
	if out.Limit, out.Offset, err = readPage(q); err != nil {
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
	return out, s.readRange(q, &out)
}

func (s *Server) readRange(q url.Values, out *db.Search) error {
	if v := q.Get("until"); v != "" {
		t, ok := parseTime(v, s.d.Now())
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
		id, err := s.parseSince(v)
		if err != nil {
			return err
		}
		out.After, out.Oldest = max(out.After, id), true
	}
	return nil
}

// readPage reads limit and offset, or page and per_page.
func readPage(q url.Values) (limit, offset int, err error) {
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

// handleSearchTopic searches one topic.
func (s *Server) handleSearchTopic(c *request.Call) error {
	return s.answerSearch(c, []int64{c.Topic.ID})
}

// handleSearchAll searches the caller's topics; without parameters it answers the newest messages.
func (s *Server) handleSearchAll(c *request.Call) error {
	ids, err := s.ownTopics(c)
	if err != nil {
		return err
	}
	return s.answerSearch(c, ids)
}

// mostTopics is how many topics one search covers; SQLite takes 32,766 parameters.
const mostTopics = 32_000

// ownTopics are the ids of the caller's topics.
func (s *Server) ownTopics(c *request.Call) ([]int64, error) {
	return s.d.OwnTopicIDs(c.R.Context(), c.Who.User().ID, mostTopics)
}

func (s *Server) answerSearch(c *request.Call, topics []int64) error {
	q, err := s.readSearch(c, c.Query, topics)
	if err != nil {
		return err
	}
	out := api.Found{Messages: []api.Message{}}
	if len(topics) == 0 {
		request.WriteJSON(c.W, http.StatusOK, out)
		return nil
	}
	list, next, err := s.d.Search(c.R.Context(), q)
	if err != nil {
		return err
	}
	names, err := s.d.TopicNames(c.R.Context(), topics)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Topic = names[list[i].TopicID]
		m, err := wireMessage(&list[i])
		if err != nil {
			return err
		}
		out.Messages = append(out.Messages, m)
	}
	out.Total = len(out.Messages)
	if next > 0 {
		out.Next = next.String()
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// handleMessageActivity counts the messages of the caller's topics per day, for charts.
func (s *Server) handleMessageActivity(c *request.Call) error {
	since := s.d.Now().UTC().AddDate(0, 0, -29)
	days, err := s.d.OwnMessageDays(c.R.Context(), c.Who.User().ID, since)
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, d := range days {
		counts[d.Day.Format(time.DateOnly)] = d.Count
	}
	out := make([]api.Activity, 30)
	for i := range out {
		day := since.AddDate(0, 0, i).Format(time.DateOnly)
		out[i] = api.Activity{Day: day, Count: counts[day]}
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}
